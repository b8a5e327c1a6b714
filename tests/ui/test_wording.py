"""Words that several faces share."""

from vigie.ui.wording import one_line


def test_fields_of_a_record_are_told_apart_on_one_line():
    assert one_line("- Nom : Vague\n- Clôture : 2027") == "Nom : Vague ; Clôture : 2027"


def test_a_sentence_keeps_its_hyphens_and_loses_its_line_breaks():
    assert one_line("Le prêt\n- le seul - court.") == "Le prêt - le seul - court."
    assert one_line("") == ""
