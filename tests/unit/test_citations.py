"""The citation check: what cites nothing that exists, or not what it says, is dropped."""

from hypothesis import given
from hypothesis import strategies as st

from mendwheel.agents.citations import MIN_SUPPORT, check, support
from mendwheel.domain.diagnosis import Claim, Diagnosis, Stance
from mendwheel.domain.evidence import Dossier, Evidence, EvidenceKind

TEXT = "A download link of an export works for 72 hours, then it expires."
PASSAGE = Evidence(
    id="K1", kind=EvidenceKind.PASSAGE, title="Export links", source="export-links", text=TEXT
)
OTHER = Evidence(
    id="K2",
    kind=EvidenceKind.PASSAGE,
    title="Quiet hours",
    source="quiet",
    text="Nothing at night.",
)
DOSSIER = Dossier(evidence=[PASSAGE, OTHER])


def claim(text: str, *ids: str) -> Claim:
    return Claim(text=text, evidence_ids=list(ids))


def checked(*claims: Claim) -> tuple[list[Claim], list[str]]:
    return check(Diagnosis(stance=Stance.ANSWER, claims=list(claims)), DOSSIER)


def test_a_quote_stands() -> None:
    kept, objections = checked(claim(TEXT, "K1"))
    assert ([item.text for item in kept], objections) == ([TEXT], [])


def test_a_claim_without_evidence_that_exists_is_dropped_and_named() -> None:
    kept, objections = checked(claim(TEXT), claim(TEXT, "K9"), claim(TEXT, "K1"))
    assert kept == [claim(TEXT, "K1")]
    assert objections == [
        "claim 0 cites no evidence that exists",
        "claim 1 cites no evidence that exists",
    ]


def test_a_claim_that_its_evidence_does_not_make_is_dropped() -> None:
    kept, objections = checked(claim(TEXT, "K2"), claim("Restart the database at once.", "K1"))
    assert kept == []
    assert len(objections) == 2
    assert all("not what its evidence says" in text for text in objections)


def test_an_invented_id_beside_a_real_one_is_taken_out() -> None:
    [kept] = checked(claim(TEXT, "K9", "K1"))[0]
    assert kept.evidence_ids == ["K1"]


def test_a_claim_may_rest_on_several_pieces_of_evidence() -> None:
    both = "A download link works for 72 hours and nothing at night."
    assert support(claim(both, "K1", "K2"), DOSSIER) > support(claim(both, "K1"), DOSSIER)


def test_numbers_count_as_words() -> None:
    assert support(claim("72", "K1"), DOSSIER) == 1.0
    assert support(claim("48", "K1"), DOSSIER) == 0.0


def test_case_and_punctuation_do_not_matter_and_other_scripts_do_count() -> None:
    assert support(claim("EXPORT: Download—link!", "K1"), DOSSIER) == 1.0
    german = PASSAGE.model_copy(update={"text": "Der Schlüssel gilt für Straßenbahnen"})
    dossier = Dossier(evidence=[german])
    assert support(claim("schlüssel STRASSENBAHNEN", "K1"), dossier) == 1.0


def test_a_claim_of_nothing_is_supported_by_nothing() -> None:
    for text in ("", "  ", "…", "a b"):
        assert support(claim(text, "K1"), DOSSIER) == 0.0


@given(st.text(), st.lists(st.sampled_from(["K1", "K2", "K3", ""]), max_size=4))
def test_support_is_a_share_and_only_kept_claims_reach_the_minimum(
    text: str, ids: list[str]
) -> None:
    share = support(claim(text, *ids), DOSSIER)
    assert 0.0 <= share <= 1.0
    kept, objections = checked(claim(text, *ids))
    assert len(kept) + len(objections) == 1
    assert bool(kept) == (share >= MIN_SUPPORT and share > 0)


def test_a_figure_that_markdown_escapes_is_the_same_figure() -> None:
    escaped = PASSAGE.model_copy(update={"text": r"Data is sent with TLS 1\.2 \(or later\)."})
    said = Diagnosis(
        stance=Stance.ANSWER, engine="m", claims=[claim("Data is sent with TLS 1.2.", "K1")]
    )
    assert check(said, Dossier(evidence=[escaped]), asked="Which TLS?")[1] == []


def test_what_code_computed_is_not_held_to_a_models_rules_and_a_model_is() -> None:
    counted = claim("A download link of an export works for 4320 minutes.", "K1")
    ours = Diagnosis(
        stance=Stance.ANSWER, engine="m", claims=[counted.model_copy(update={"by_code": True})]
    )
    assert len(check(ours, DOSSIER, asked="How long?")[0]) == 1
    theirs = ours.model_copy(update={"claims": [counted]})
    assert "4320" in check(theirs, DOSSIER, asked="How long?")[1][0]
