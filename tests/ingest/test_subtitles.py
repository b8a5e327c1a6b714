"""Subtitles become paragraphs with a speaker and a time."""

from datetime import date
from pathlib import Path

import pytest

from vigie.ingest.documents import Kind, Place, PlaceKind
from vigie.ingest.readers.reading import Reading
from vigie.ingest.readers.subtitles import read

WEBINARS = Path(__file__).parents[2] / "evals" / "data" / "corpus" / "webinars"

VTT = """WEBVTT - Les midis

NOTE
Titre : Faire le tri
Éditeur : Réseau Alvéole
Date : 20 mars 2025

1
00:00:04.000 --> 00:00:10.000
<v Coralie Wattel>Bonjour à tous, et
bienvenue.

2
00:00:11.000 --> 00:00:20.000
<v Coralie Wattel>Le fonds a aidé
418&nbsp;associations.

3
00:00:21.000 --> 00:00:30.000
[Musique]

4
00:00:40.000 --> 00:00:50.000
<v Coralie Wattel>Voici Awa.

5
01:02:03.000 --> 01:02:09.000
<v Awa Diallo><i>Bonjour</i>.
"""


def from_text(text: str) -> Reading:
    return read(text.encode(), "seance.vtt")


def test_cues_are_joined_by_speaker_and_half_minute() -> None:
    assert from_text(VTT).text.split("\n\n") == [
        "Coralie Wattel : Bonjour à tous, et bienvenue. Le fonds a aidé 418\u00a0associations.",
        "Voici Awa.",
        "Awa Diallo : Bonjour.",
    ]


def test_each_paragraph_has_its_time() -> None:
    found = from_text(VTT)
    assert [place.label for place in found.places] == ["00:00:04", "00:00:40", "01:02:03"]
    starts = ["Coralie", "Voici", "Awa Diallo"]
    assert [place.start for place in found.places] == [found.text.rindex(word) for word in starts]


def test_notes_are_metadata() -> None:
    found = from_text(VTT)
    assert (found.title, found.publisher) == ("Faire le tri", "Réseau Alvéole")
    assert (found.published, found.kind) == (date(2025, 3, 20), Kind.WEBINAR)


def test_without_notes_the_first_line_of_the_file_is_the_title() -> None:
    cue = "00:01.000 --> 00:02.000\nBonjour."
    assert from_text(f"WEBVTT - Les midis\n\n{cue}").title == "Les midis"
    assert from_text(f"WEBVTT\n\n{cue}").title is None


def test_srt_in_windows_encoding_is_read() -> None:
    srt = (
        "1\r\n00:00:01,000 --> 00:00:02,500\r\nDéjà <i>là</i>\r\n\r\n"
        "2\r\n00:00:03,000 --> 00:00:04,000\r\nà midi."
    )
    found = read(srt.encode("cp1252"), "seance.srt")
    assert found.text == "Déjà là à midi."
    assert found.places == (Place(0, PlaceKind.TIME, "00:00:01"),)


def test_rolling_subtitles_say_each_line_once() -> None:
    rolling = (
        "WEBVTT\n\n00:01.000 --> 00:02.000\nle fonds aide\n\n"
        "00:02.000 --> 00:03.000\nle fonds aide\nles associations\n\n"
        "00:03.000 --> 00:04.000\nles associations\nlocales\n"
    )
    assert from_text(rolling).text == "le fonds aide les associations locales"


def test_speech_without_punctuation_is_cut_after_a_minute() -> None:
    cues = "".join(
        f"00:{s // 60:02}:{s % 60:02}.000 --> 00:{s // 60:02}:{s % 60:02}.900\nmot {s}\n\n"
        for s in range(150)
    )
    assert [place.label for place in from_text(f"WEBVTT\n\n{cues}").places] == [
        "00:00:00",
        "00:01:00",
        "00:02:00",
    ]


@pytest.mark.parametrize("text", ["", "WEBVTT", "WEBVTT\n\nNOTE rien\n", "n’importe quoi"])
def test_a_file_without_cues_has_no_text(text: str) -> None:
    assert from_text(text).text == ""


@pytest.mark.parametrize("time", ["00:00:61.000 --> x", "--> 00:00:01.000", "00:00:05.0 --> 00:06"])
def test_a_damaged_cue_is_left_out_and_the_rest_is_read(time: str) -> None:
    before, after = "00:01.000 --> 00:02.000\nAvant.", "00:08.000 --> 00:09.000\nAprès."
    text = from_text(f"WEBVTT\n\n{before}\n\n{time}\nmilieu\n\n{after}").text
    assert text == "Avant. Après."


def test_the_webinar_of_the_sample_corpus_is_read_with_its_times() -> None:
    (path,) = WEBINARS.glob("*.vtt")
    found = read(path.read_bytes(), path.name)
    assert found.title
    assert found.publisher == "Réseau Alvéole"
    assert found.published == date(2025, 3, 20)
    starts = [place.start for place in found.places]
    assert starts == sorted(set(starts))
    assert all(start == 0 or found.text[start - 2 : start] == "\n\n" for start in starts)
