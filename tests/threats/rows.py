"""Which tests hold which row of the threat table (docs/security.md), or why a row does not apply."""

from __future__ import annotations

COVERED: dict[int, list[str]] = {
    1: [
        "identity/test_recognition.py::test_equal_headers_and_address_are_two_people",
        "identity/test_guest_life.py::test_equal_browsers_are_always_themselves",
        "identity/test_headers_policy.py::test_equal_headers_without_cookies_are_the_guest",
        "test_config.py::test_the_headers_policy_must_be_meant",
    ],
    2: [
        "threats/test_rows_01_31.py::test_row_02_thirty_pupils_on_equal_devices_are_never_each_other",
        "rooms/test_class_passes.py::test_thirty_pupils_behind_one_address_get_in_with_the_pass_and_not_without",
    ],
    3: [
        "identity/test_threats.py::test_many_equal_browsers_act_at_once",
        "identity/test_headers_policy.py::test_two_matches_log_nobody_in",
    ],
    4: [
        "threats/test_rows_01_31.py::test_row_04_no_answer_of_a_whole_visit_tells_what_is_kept_of_anybody",
        "identity/test_threats.py::test_no_answer_tells_a_fingerprint_a_secret_or_an_address",
        "api/test_answers.py::test_no_answer_carries_a_hash_a_fingerprint_or_an_address",
    ],
    5: [
        "identity/test_threats.py::test_a_stolen_table_is_not_found_in_a_dictionary_of_browsers",
    ],
    6: [
        "identity/test_threats.py::test_different_headers_have_different_fingerprints",
        "identity/test_threats.py::test_moving_a_letter_between_headers_changes_the_fingerprint",
    ],
    7: [
        "identity/test_threats.py::test_what_one_browser_asks_for_on_the_side_makes_no_second_identity",
    ],
    8: [
        "identity/test_recognition.py::test_a_device_is_renewed_daily_and_an_old_secret_revokes_it",
        "identity/test_recognition.py::test_the_slower_of_two_tabs_does_not_bring_the_old_device_secret_back",
    ],
    9: [
        "identity/test_threats.py::test_device_secrets_have_256_bits_and_guesses_never_hit",
        "identity/test_recognition.py::test_only_hashes_of_secrets_are_stored",
    ],
    10: [
        "identity/test_threats.py::test_a_cookie_whose_name_only_looks_like_ours_is_not_ours",
        "identity/test_threats.py::test_a_doubled_cookie_is_nobodys_and_is_cleared",
        "identity/test_threats.py::test_over_https_only_host_bound_cookies_count",
        "identity/test_recognition.py::test_two_different_values_under_one_name_are_nobodys",
    ],
    11: [
        "accounts/test_devices.py::test_forget_me_really_forgets",
        "accounts/test_logout.py::test_a_guest_leaves_a_shared_computer",
    ],
    12: [
        "accounts/test_upgrade.py::test_nothing_issued_to_the_guest_opens_the_account",
        "identity/test_passkeys.py::test_a_passkey_alone_makes_a_member_and_everything_of_the_guest_is_gone",
    ],
    13: [
        "identity/test_headers_policy.py::test_equal_headers_are_no_proof",
        "identity/test_headers_policy.py::test_it_stays_no_proof_after_the_tokens_were_renewed",
        "accounts/test_logout.py::test_equal_headers_are_no_proof_for_an_upgrade",
    ],
    14: [
        "identity/test_resume_codes.py::test_wrong_used_replaced_and_forgotten_codes_have_one_answer",
        "identity/test_resume_codes.py::test_the_sixth_wrong_code_of_a_network_is_429_and_others_are_not_kept_out",
        "identity/test_resume_codes.py::test_a_code_has_120_bits",
    ],
    15: [
        "identity/test_resume_codes.py::test_looking_at_the_link_spends_nothing",
        "identity/test_handovers.py::test_looking_spends_nothing_and_logs_nobody_in",
    ],
    16: [
        "identity/test_handovers.py::test_the_wrong_number_ends_it",
        "identity/test_handovers.py::test_the_code_lasts_two_minutes",
        "identity/test_handovers.py::test_the_session_is_for_the_browser_that_brought_the_code",
        "identity/test_handovers.py::test_the_code_is_in_no_log_no_address_and_no_table",
    ],
    17: [
        "threats/test_rows_01_31.py::test_row_17_an_answer_with_a_cookie_is_never_stored_whatever_the_address",
        "web/test_reading_leaves_no_trace.py::test_a_page_with_cookies_is_never_stored",
    ],
    18: [
        "web/test_reading_leaves_no_trace.py::test_a_crawl_of_every_get_route_changes_nothing",
    ],
    19: [
        "identity/test_threats.py::test_a_replayed_refresh_token_kills_its_family_and_no_other",
        "identity/test_recognition.py::test_a_refresh_token_used_again_after_the_grace_ends_the_session",
        "api/test_logins.py::test_a_refresh_token_works_once_and_its_reuse_ends_the_session",
    ],
    20: [
        "identity/test_recognition.py::test_20_parallel_requests_with_an_expired_access_token_stay_logged_in",
    ],
    21: [
        "identity/test_threats.py::test_every_token_opens_its_own_door_only",
        "api/test_matrix.py::test_only_the_diagonal_passes",
    ],
    22: [
        "identity/test_recognition.py::test_a_forged_access_token_is_a_visitors",
        "api/test_bearers.py::test_forged_tokens_are_401_and_the_true_one_is_not",
    ],
    23: [
        "identity/test_threats.py::test_a_name_given_to_somebody_else_is_no_way_into_the_account",
        "identity/test_threats.py::test_the_id_of_a_deleted_account_is_never_given_again",
        "api/test_bearers.py::test_a_released_name_brings_its_new_owner_none_of_the_old_ones_tokens",
    ],
    24: [
        "identity/test_threats.py::test_a_session_in_use_ends_with_the_account",
        "identity/test_recognition.py::test_a_dead_account_is_refused_at_every_step",
        "rooms/moderation/test_streams.py::test_disabling_and_logging_out_everywhere_end_the_open_stream",
        "rooms/moderation/test_streams.py::test_a_guest_that_is_abandoned_loses_the_open_stream",
    ],
    25: [
        "threats/test_rows_01_31.py::test_row_25_what_was_planted_before_a_log_in_opens_nothing_after_it",
        "accounts/test_login.py::test_what_the_browser_had_before_is_replaced",
    ],
    26: [
        "threats/test_rows_01_31.py::test_row_26_a_hundred_and_one_guesses_over_many_addresses_are_five",
        "threats/test_rows_01_31.py::test_row_26_a_day_of_patient_guessing_gets_a_hundred_looks",
        "accounts/test_throttle.py::test_a_name_has_five_free_failures_wherever_they_come_from",
        "accounts/test_throttle.py::test_parallel_guesses_are_counted_one_by_one",
        "accounts/test_throttle.py::test_a_network_has_25_failures_in_five_minutes",
    ],
    27: [
        "accounts/test_throttle.py::test_a_stranger_does_not_lock_the_owner_out",
        "accounts/test_throttle.py::test_strangers_on_the_same_network_do_not_lock_the_owner_out",
        "accounts/test_throttle.py::test_a_forged_cookie_is_no_known_browser",
    ],
    28: [
        "threats/test_rows_01_31.py::test_row_28_known_and_unknown_names_cost_the_same_work",
        "accounts/test_login.py::test_every_failure_has_one_answer_and_costs_one_hash",
        "accounts/test_passwords.py::test_verifying_for_nobody_takes_as_long",
    ],
    29: [
        "accounts/test_registration.py::test_what_is_told_of_known_addresses_is_limited",
        "accounts/test_throttle.py::test_failures_under_the_name_do_not_tell_the_address",
    ],
    30: [
        "accounts/test_passwords.py::test_two_hashes_at_once_and_the_rest_wait_their_turn",
        "accounts/test_passwords.py::test_a_login_that_found_no_slot_is_no_failure",
        "site/test_login_flood.py::test_fifty_parallel_logins_take_two_hashes_of_memory_and_pages_stay_quick",
    ],
    31: [
        "threats/test_rows_01_31.py::test_row_31_the_commonest_passwords_are_all_refused",
        "accounts/test_passwords.py::test_what_is_easy_to_guess_is_refused",
        "accounts/test_passwords.py::test_phrases_are_accepted",
        "accounts/test_passwords.py::test_lengths_are_told",
        "accounts/test_passwords.py::test_nothing_of_a_long_password_is_cut",
    ],
    32: [
        "names/test_claim_race.py::test_32_threads_want_the_same_names_and_each_gets_one_owner",
        "names/test_claim_race.py::test_32_threads_want_the_same_400_names_and_each_gets_one_owner",
        "names/test_claim_race.py::test_the_same_race_finds_doubles_when_claiming_is_checking_and_then_inserting",
        "accounts/test_registration.py::test_10_parallel_registrations_of_one_name_give_one_account",
    ],
    33: [
        "names/test_key.py::test_every_pair_of_the_fold_table_and_of_uts_39_is_one_name_wherever_it_stands",
        "names/test_key.py::test_look_alikes_are_one_name",
        "names/test_availability.py::test_every_fold_makes_a_look_alike_taken",
    ],
    34: [
        "threats/test_rows_32_44.py::test_row_34_a_name_one_letter_from_the_hosts_is_refused",
        "threats/test_rows_32_44.py::test_row_34_names_of_staff_are_refused_and_words_that_only_contain_one_pass",
        "threats/test_rows_32_44.py::test_row_34_the_mark_of_a_member_is_drawn_by_the_server_alone",
        "names/test_rules.py::test_names_of_the_system_are_refused_in_any_look",
    ],
    35: [
        "names/test_availability.py::test_a_name_polled_a_thousand_times_is_still_anybodys",
        "names/test_availability.py::test_200_checks_of_free_names_make_none_unavailable_to_others",
        "names/test_availability.py::test_checking_writes_no_row_and_gives_no_cookie",
    ],
    36: [
        "names/test_availability.py::test_in_use_held_resting_retired_and_looks_like_are_one_answer_to_strangers",
        "names/test_availability.py::test_24_parallel_checks_at_limit_10_give_ten_answers",
    ],
    37: [
        "threats/test_rows_32_44.py::test_row_37_a_network_fills_no_more_of_the_space_than_its_rolls_of_an_hour",
        "names/test_rolling.py::test_dropping_the_cookie_does_not_reset_the_network",
        "names/test_rolling.py::test_a_hold_ends_after_its_hour",
    ],
    38: [
        "rooms/test_joining.py::test_a_name_that_was_never_rolled_is_refused",
        "rooms/test_joining.py::test_a_name_that_somebody_else_rolled_is_refused",
    ],
    39: [
        "threats/test_rows_32_44.py::test_row_39_the_new_holder_of_a_name_inherits_nothing_but_the_name",
        "lifecycle/test_abandoning.py::test_a_name_that_spoke_is_retired_and_one_that_did_not_rests",
        "lifecycle/test_abandoning.py::test_a_name_that_never_spoke_is_free_again_after_its_rest",
    ],
    40: [
        "names/test_screening.py::test_at_least_95_percent_of_the_bad_names_are_refused",
        "names/test_dice.py::test_every_pair_the_dice_can_throw_is_clean_and_no_system_name",
        "names/test_screening.py::test_the_strict_screen_refuses_a_generated_name",
    ],
    41: [
        "names/test_screening.py::test_at_most_1_percent_of_the_innocent_names_are_refused",
        "names/test_screening.py::test_the_best_known_innocent_names_pass",
    ],
    42: [
        "names/test_reserved_paths.py::test_every_first_segment_of_a_path_is_kept",
        "names/test_reserved_paths.py::test_a_new_route_without_its_word_in_the_list_would_be_noticed",
    ],
    43: [
        "names/test_rules.py::test_no_accepted_name_contains_anything_outside_the_set",
    ],
    44: [
        "threats/test_rows_32_44.py::test_row_44_an_address_used_as_log_in_name_stands_in_nobody_elses_answer",
        "accounts/test_registration.py::test_an_email_as_username_is_a_log_in_name_only",
    ],
    45: [
        "web/test_csrf.py::test_a_foreign_request_changes_nothing_on_any_route",
        "web/test_csrf.py::test_a_token_of_another_account_is_no_proof",
        "web/test_csrf.py::test_a_wrong_token_is_400_even_where_the_browser_vouches",
        "api/test_answers.py::test_another_sites_page_can_do_nothing_with_a_browsers_cookies",
        "threats/test_rows_45_72.py::test_row_45_an_origin_that_is_no_address_is_foreign_and_no_fault",
    ],
    46: [
        "threats/test_rows_46_71_browser.py::test_row_46_every_htmx_post_of_the_join_carries_the_token",
        "browser/test_talking.py::test_every_post_of_the_page_carries_the_form_token",
        "conventions/test_templates.py::test_every_form_that_writes_carries_a_token_unless_it_is_neutral",
    ],
    47: [
        "threats/test_rows_46_71_browser.py::test_row_47_no_message_of_the_corpus_does_anything_on_anybodys_page",
        "rooms/test_posting.py::test_text_is_escaped_and_links_are_made_safely",
        "browser/test_talking.py::test_links_in_messages_can_be_clicked_and_markup_is_only_text",
    ],
    48: [
        "threats/test_rows_46_71_browser.py::test_row_48_no_page_of_the_whole_site_breaks_the_policy",
        "conventions/test_templates.py::test_a_template_holds_nothing_that_the_policy_forbids",
        "conventions/test_templates.py::test_the_lint_catches_a_seeded_fault",
        "admin/test_jobs.py::test_the_policy_is_looser_on_these_pages_alone",
        "admin/test_jobs.py::test_the_name_of_a_queue_in_an_address_does_not_become_script",
    ],
    49: [
        "threats/test_rows_45_72.py::test_row_49_two_thousand_hostile_targets_never_leave_the_site",
        "web/test_redirects.py::test_nothing_leads_to_another_host",
        "accounts/test_login.py::test_next_leads_nowhere_else",
    ],
    50: [
        "web/test_client_address.py::test_the_matrix_of_hops_and_peers",
        "web/test_client_address.py::test_garbage_is_no_address",
        "names/test_rolling.py::test_a_forged_forwarded_address_does_not_move_the_bucket",
    ],
    51: [
        "threats/test_rows_45_72.py::test_row_51_a_thousand_addresses_of_one_network_have_one_bucket",
        "names/test_rolling.py::test_addresses_of_one_ipv6_64_are_one_network",
        "names/test_rolling.py::test_the_wide_ipv6_network_has_ten_times_the_bucket",
        "accounts/test_throttle.py::test_an_ipv6_network_is_counted_as_one",
    ],
    52: [
        "threats/test_rows_45_72.py::test_row_52_without_redis_reading_goes_on_and_guessing_does_not",
        "site/test_redis_away.py::test_reading_and_writing_go_on_new_names_wait_and_all_is_well_soon_after",
        "site/test_redis_hangs.py::test_writing_goes_on_names_wait_and_the_password_is_guarded_all_the_same",
        "accounts/test_throttle.py::test_the_throttle_holds_while_redis_is_away",
    ],
    53: [
        "threats/test_rows_45_72.py::test_row_53_no_foreign_host_stands_in_any_answer",
        "web/test_hostile_input.py::test_foreign_hosts_are_refused",
    ],
    54: [
        "rooms/moderation/test_streams.py::test_a_ban_and_a_kick_end_the_persons_stream_at_once_and_nobody_elses",
        "rooms/moderation/test_streams.py::test_rights_are_asked_about_every_fifteen_seconds",
        "rooms/live/test_contract.py::test_a_ban_is_felt_at_once",
        "rooms/live/test_contract.py::test_a_stream_ends_with_its_life_and_can_be_taken_up",
    ],
    55: [
        "threats/test_rows_45_72.py::test_row_55_no_number_opens_another_rooms_stream",
        "web/test_hostile_input.py::test_bad_numbers_at_the_stream_are_refused",
        "rooms/test_opening.py::test_a_private_room_needs_its_link_once",
        "rooms/test_opening.py::test_an_invite_of_one_room_opens_no_other",
    ],
    56: [
        "rooms/live/test_contract.py::test_a_network_has_a_share_that_all_processes_count",
        "rooms/live/test_contract.py::test_a_full_process_refuses_and_has_room_again",
    ],
    57: [
        "uploads/test_inspection.py::test_of_a_picture_with_passengers_only_the_pixels_are_kept",
        "uploads/test_inspection.py::test_a_hostile_file_is_refused_with_a_sentence_that_names_it",
        "uploads/test_serving.py::test_everything_else_is_a_download_that_can_not_run",
        "uploads/test_serving.py::test_a_picture_is_shown_in_place_with_exact_headers",
    ],
    58: [
        "uploads/test_inspection.py::test_a_hostile_file_takes_little_time",
        "uploads/test_inspection.py::test_a_hostile_picture_is_refused_also_where_everything_is_allowed",
        "uploads/test_pictures.py::test_the_decoding_process_knows_no_secrets_and_has_limits",
    ],
    59: [
        "uploads/test_inspection.py::test_of_a_picture_with_passengers_only_the_pixels_are_kept",
    ],
    60: [
        "uploads/test_filenames.py::test_a_hostile_name_is_made_harmless",
        "uploads/test_filenames.py::test_hostile_names_are_served_under_safe_ones",
        "uploads/test_storage.py::test_refuses_what_is_no_key",
    ],
    61: [
        "uploads/test_limits.py::test_thirteen_uploads_at_once_with_room_for_five_store_five",
    ],
    62: [
        "uploads/test_serving.py::test_a_private_file_is_its_owners_alone_to_the_end",
        "uploads/test_serving.py::test_a_deleted_accounts_files_are_gone_at_once",
        "uploads/test_serving.py::test_a_file_for_a_room_is_the_senders_alone_until_it_is_sent",
        "uploads/test_serving.py::test_an_attachment_is_readable_by_whoever_may_read_its_room",
    ],
    63: [
        "threats/test_rows_45_72.py::test_row_63_the_queue_runs_nothing_that_the_table_does_not_name",
        "core/test_queue.py::test_a_payload_can_not_name_any_other_function",
        "core/test_queue.py::test_a_pickle_in_the_queue_is_never_loaded",
        "core/test_queue.py::test_a_callback_is_refused",
        "admin/test_jobs.py::test_a_pickle_in_a_jobs_data_is_never_loaded_by_looking_at_it",
    ],
    64: [
        "threats/test_rows_45_72.py::test_row_64_nothing_of_the_machinery_stands_at_its_usual_address",
        "core/test_metrics.py::test_the_figures_are_served_on_a_loopback_port_of_their_own",
        "admin/test_door.py::test_visitors_guests_and_plain_members_are_refused_everywhere",
        "admin/test_jobs.py::test_another_sites_button_does_nothing",
    ],
    65: [
        "threats/test_rows_45_72.py::test_row_65_fields_that_no_form_has_change_nothing",
        "api/test_answers.py::test_further_fields_have_no_effect",
        "accounts/test_registration.py::test_fields_that_are_not_asked_for_have_no_effect",
    ],
    66: [
        "api/test_bearers.py::test_a_guest_is_told_to_register_on_every_call",
        "api/test_bearers.py::test_a_token_for_the_api_of_a_guest_is_403",
        "api/test_openapi.py::test_every_other_call_asks_for_a_bearer_before_anything_else",
    ],
    67: [
        "lifecycle/test_sweep_killed.py::test_killed_at_20_random_points",
        "lifecycle/test_sweep.py::test_two_at_once_add_up_to_one",
        "lifecycle/test_sweep.py::test_a_guest_who_comes_at_the_last_moment_stays",
        "lifecycle/test_sweep.py::test_members_the_living_and_merged_guests_are_left_alone",
    ],
    68: [
        "soak/test_run.py::test_a_short_soak",
        "soak/test_checker.py::test_a_history_with_one_fault_does_not_pass",
        "rooms/test_posting.py::test_parallel_messages_are_numbered_without_gap_or_double",
        "rooms/test_posting.py::test_sending_twice_stores_once_also_at_the_same_time",
        "site/test_killed.py::test_no_acknowledged_message_is_lost_doubled_or_out_of_order_when",
    ],
    69: [
        "threats/test_rows_45_72.py::test_row_69_a_clock_that_is_a_day_wrong_lets_nobody_in_and_nobody_out",
        "lifecycle/test_sweep.py::test_a_clock_that_jumps_forward_by_a_day_forgets_nobody_unnoticed",
        "lifecycle/test_sweep.py::test_a_share_above_the_limit_waits_a_day_and_then_goes",
    ],
    70: [
        "threats/test_rows_45_72.py::test_row_70_the_start_refuses_a_weak_secret_and_does_not_repeat_it",
        "test_config.py::test_a_missing_secret_is_made_once_and_kept_private",
        "test_config.py::test_a_wrong_value_names_its_variable",
    ],
    71: [
        "threats/test_rows_46_71_browser.py::test_row_71_the_logs_of_a_driven_site_hold_no_secret_that_it_gave_out",
        "threats/test_rows_45_72.py::test_row_71_no_secret_of_the_api_is_ever_part_of_an_address",
        "core/test_logging.py::test_no_secret_that_was_given_out_stands_in_any_line",
        "identity/test_resume_codes.py::test_no_code_and_no_secret_is_written_into_the_log",
    ],
    72: [
        "threats/test_rows_45_72.py::test_row_72_every_dependency_is_pinned_with_its_checksums",
        "running/test_environment.py::test_a_half_made_one_is_made_anew_once_and_a_changed_lock_is_installed_only_with_checksums",
    ],
    73: [
        "threats/test_rows_73.py::test_row_73_no_subscription_leads_a_worker_inside",
        "push/test_endpoints.py::test_a_hostile_address_is_refused_when_it_is_brought",
        "push/test_endpoints.py::test_a_name_that_leads_inside_is_refused_when_something_is_sent",
        "push/test_sending.py::test_the_name_is_looked_up_once_so_that_it_can_not_change_its_mind",
        "push/test_sending.py::test_a_refusal_is_final_and_a_redirect_leads_nowhere",
    ],
}
"""Tests by file below ``tests/`` and name; parametrised ones by their base name."""

NOT_APPLICABLE: dict[int, str] = {}
"""A sentence each. Every row applies at present."""
