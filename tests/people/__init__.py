"""Tests of people: signing in, handles, profiles."""
