"""Tests of what the product runs on."""
