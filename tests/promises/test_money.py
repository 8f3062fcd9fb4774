"""Money: membership, fair pay, and a payout that cannot go wrong: one test for each numbered promise."""

import pytest

from tests.promises.proofs import hold
from tests.simulator.test_histories import HISTORIES

pytestmark = pytest.mark.timeout(1500)  # each runs whole files


def test_01_a_membership_lives_by_signed_webhooks_in_any_order() -> None:
    hold("tests/members/test_joining.py")
    hold("tests/members/test_webhooks.py")
    hold("tests/members/test_lives.py")
    hold("tests/members/test_refunds.py")
    hold("tests/members/test_disputes.py")
    hold("tests/members/test_credit.py")
    hold("tests/members/test_gifts.py")
    hold("tests/members/test_plans.py")
    hold("tests/members/test_withdrawing.py")
    hold("tests/members/test_failed_payments.py")
    hold("tests/members/test_reconciling.py")


def test_02_dues_are_recognised_by_day_to_the_letter() -> None:
    hold("tests/earnings/test_rules_dues.py")
    hold("tests/earnings/test_rules_taking.py")
    hold("tests/earnings/test_taking.py")
    hold("tests/earnings/test_taking_interrupted.py")
    hold("tests/earnings/test_money_back_lives.py")


def test_03_the_stand_in_is_built_from_the_librarys_types_with_each_fault_on_demand() -> None:
    hold("tests/infra/test_stripe_stand_in_api.py")
    hold("tests/infra/test_stripe_stand_in_paying.py")
    hold("tests/infra/test_stripe_stand_in_billing.py")
    hold("tests/infra/test_stripe_stand_in_books.py")


def test_04_previews_and_friend_links_are_cut_on_the_server_everywhere() -> None:
    hold("tests/stories/test_previews.py")
    hold("tests/stories/test_friend_links.py")
    hold("tests/stories/test_friend_links_at_once.py")
    hold("tests/journeys/test_friend_links.py")


def test_05_reads_are_ticketed_batched_and_bounded() -> None:
    hold("tests/reads/test_credit_rule.py")
    hold("tests/reads/test_reading.py")
    hold("tests/reads/test_reading_at_once.py")
    hold("tests/reads/test_hostile_reports.py")
    hold("tests/reads/test_mobile_client.py")
    hold("tests/journeys/test_reading_reported.py")


def test_06_unfair_readings_are_struck_with_a_reason() -> None:
    hold("tests/reads/test_suspicion.py")
    hold("tests/earnings/test_striking.py")
    hold("tests/journeys/test_striking.py")


def test_07_the_ledger_is_proven_from_its_entries_and_inputs() -> None:
    hold("tests/earnings/test_ledger.py")
    hold("tests/earnings/test_ledger_entries.py")
    hold("tests/earnings/test_chain.py")
    hold("tests/earnings/test_proving.py")
    hold("tests/earnings/test_auditing.py")


def test_08_the_close_is_a_map_and_a_reduce_that_any_crash_leaves_resumable() -> None:
    hold("tests/earnings/test_closing.py")
    hold("tests/earnings/test_close_in_parts.py")
    hold("tests/earnings/test_close_at_scale.py")
    hold("tests/earnings/test_estimating.py")
    hold("tests/earnings/test_commons.py")


def test_09_a_payout_ends_in_a_right_ledger_whatever_happens() -> None:
    hold("tests/earnings/test_paying.py")
    hold("tests/earnings/test_paying_outcomes.py")
    hold("tests/earnings/test_withholding.py")
    hold("tests/earnings/test_dry_run.py")
    hold("tests/earnings/test_books_agree.py")
    hold("tests/earnings/test_books_at_once.py")
    hold("tests/earnings/test_books_shown.py")
    hold("tests/earnings/test_rules_reconciling.py")
    hold("tests/earnings/test_paying_pages.py")


def test_10_a_policy_changes_with_notice_and_back_test() -> None:
    hold("tests/earnings/test_rules_policy.py")
    hold("tests/earnings/test_policies.py")


def test_11_random_months_conserve_money_and_attacks_change_nothing() -> None:
    hold("tests/earnings/properties")
    hold("tests/earnings/test_attacks.py")
    hold("tests/earnings/test_attacks_by_paying.py")
    hold("tests/earnings/test_attacks_with_cards.py")
    hold("tests/earnings/test_attacks_on_services.py")
    hold("tests/earnings/test_attacks_at_stripe.py")


def test_12_random_histories_with_faults_end_in_right_tables() -> None:
    assert HISTORIES >= 1000
    hold("tests/simulator")


def test_13_a_payout_killed_at_every_point_is_resumed_by_starting_it_again() -> None:
    hold("tests/earnings/test_killed.py")


def test_14_ten_million_readings_are_recomputed_by_a_columnar_engine() -> None:
    hold("tests/infra/test_recompute.py")
    hold("tests/infra/test_recompute_refusals.py")
    hold("tests/infra/test_recompute_partner.py")
    hold("tests/earnings/test_columnar.py")


def test_15_everyone_sees_their_money_on_a_page() -> None:
    hold("tests/earnings/test_papers.py")
    hold("tests/earnings/test_downloads.py")
    hold("tests/earnings/test_dues_shown.py")
    hold("tests/earnings/test_dues_file.py")
    hold("tests/infra/test_rule_page.py")
    hold("tests/web/test_earning_views.py")
    hold("tests/journeys/test_partner_pages.py")
    hold("tests/journeys/test_where_dues_went.py")
    hold("tests/journeys/test_member_pages.py")
    hold("tests/journeys/test_operator_pages.py")


def test_16_the_paper_for_a_hundred_million_readers_is_computed_from_measured_figures() -> None:
    hold("tests/test_paper.py")
