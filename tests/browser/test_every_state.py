"""Every state of every page is opened once, and all that must hold of it is looked at then."""

from tests.browser.axe import (
    test_a_name_that_is_heard_begins_with_the_name_that_is_seen,
    test_axe_finds_nothing_to_mend,
    test_axe_would_find_a_fault,
    test_the_words_in_a_chart_stand_out_from_the_paper,
)
from tests.browser.layout import (
    test_nothing_is_sticky_that_could_hide_the_focus,
    test_nothing_moves_of_itself_or_on_the_way_to_a_place,
    test_nothing_scrolls_sideways,
    test_what_can_be_pressed_is_large_enough_for_a_finger,
    test_wide_text_is_neither_cut_off_nor_scrolled_sideways,
)
from tests.browser.structure import (
    other_script,
    test_each_text_is_marked_with_its_language,
    test_the_landmarks_are_one_each_and_every_section_has_a_name,
    test_the_title_says_first_whether_something_is_wrong_and_then_what_the_heading_says,
    test_there_is_a_summary_of_errors_exactly_where_something_is_wrong,
    test_there_is_one_heading_of_the_first_level_and_no_level_is_skipped,
)

__all__ = [
    "other_script",
    "test_a_name_that_is_heard_begins_with_the_name_that_is_seen",
    "test_axe_finds_nothing_to_mend",
    "test_axe_would_find_a_fault",
    "test_each_text_is_marked_with_its_language",
    "test_nothing_is_sticky_that_could_hide_the_focus",
    "test_nothing_moves_of_itself_or_on_the_way_to_a_place",
    "test_nothing_scrolls_sideways",
    "test_the_landmarks_are_one_each_and_every_section_has_a_name",
    "test_the_title_says_first_whether_something_is_wrong_and_then_what_the_heading_says",
    "test_the_words_in_a_chart_stand_out_from_the_paper",
    "test_there_is_a_summary_of_errors_exactly_where_something_is_wrong",
    "test_there_is_one_heading_of_the_first_level_and_no_level_is_skipped",
    "test_what_can_be_pressed_is_large_enough_for_a_finger",
    "test_wide_text_is_neither_cut_off_nor_scrolled_sideways",
]
