"""Every number and switch of the pipeline, with the reason for its value.

`execution` decides where and in what pieces the work is done and may never change a published
byte; everything else is part of a snapshot's identity.
"""

from pydantic import BaseModel, ConfigDict, Field


class SettingsGroup(BaseModel):
    """Frozen, and deaf to names it does not know: a typing error is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class IngestSettings(SettingsGroup):
    """How records are found in the input and which of their fields mean what."""

    text: str = Field("text", min_length=1, description="Column that holds a record's text.")
    id: str = Field("id", description="Column with the record's own id; absent is fine.")
    url: str = Field("url", description="Column with the page's address; absent is fine.")
    title: str = Field("title", description="Column with the title; absent is fine.")
    source: str = Field("source", description="Column with the outlet; else the url's host.")
    published_at: str = Field("published_at", description="Column with the time of publication.")
    language: str = Field("language", description="Column with the declared language.")
    max_document_bytes: int = Field(
        10_000_000,
        ge=1_000,
        description="A longer record is quarantined: no article has 10 MB, a broken export has.",
    )
    max_page_bytes: int = Field(
        5_000_000,
        ge=1_000,
        description="A longer HTML page is quarantined: articles have under 1 MB, and a page made "
        "to be slow costs 5 s of CPU at most below this.",
    )
    max_line_bytes: int = Field(
        40_000_000,
        ge=1_000,
        description="A longer line is quarantined; room for the longest document, all escaped.",
    )
    max_file_bytes: int = Field(
        200_000_000_000,
        ge=1_000_000,
        description="Decompressed bytes read of one file: bounds a decompression bomb.",
    )
    allow_shrink: bool = Field(
        default=False,
        description="Go on when the input lost over half of its documents since the last run.",
    )


class CleanSettings(SettingsGroup):
    """What may be changed in a text. Every change is an edit; a switch turns its means off."""

    repair: bool = Field(default=True, description="Repair encoding damage, entities, controls.")
    rules: bool = Field(
        default=True, description="Cut the lines and sentences that a rule matches in its place."
    )
    structure: bool = Field(
        default=True, description="Cut the labels below what a rule cut, below the article's end."
    )
    model: bool = Field(
        default=True,
        description="Cut lines that the line model takes for furniture: it finds most of what "
        "stands on whole web pages and is not asked about texts without any sign of it. It spares "
        "quotations, prose and most titles.",
    )
    max_cut_share: float = Field(
        0.6,
        ge=0,
        le=1,
        description="Above this share of characters nothing is cut and the document is flagged. "
        "On labelled pages every lower cap spared furniture of whole web pages, and none "
        "needed a higher one.",
    )


class MeasureSettings(SettingsGroup):
    """How signals and language are taken."""

    language_chars: int = Field(
        1_000, ge=80, description="Characters shown to the language model; more costs, adds none."
    )
    language_floor: float = Field(
        0.5, ge=0, le=1, description="Below this confidence the language is `und`."
    )


class DedupSettings(SettingsGroup):
    """When two documents are one. LSH proposes, exact shingle overlap decides."""

    shingle_words: int = Field(
        3,
        ge=1,
        le=16,
        description=(
            "Words per shingle. With 5% of its words changed a copy keeps a Jaccard of about .73 "
            "at 3 words and .61 at 5; two articles on one event stay below .02 at either."
        ),
    )
    bands: int = Field(
        42,
        ge=1,
        le=256,
        description="LSH bands. 42 of 3 rows propose 99.8% of the pairs of Jaccard .52.",
    )
    rows: int = Field(
        3,
        ge=1,
        le=16,
        description=(
            "Signature rows per band: more propose fewer pairs and miss more. 3 propose a chance "
            "pair of Jaccard .01 once in 24,000 times."
        ),
    )
    anchor_words: int = Field(
        8,
        ge=2,
        le=16,
        description=(
            "Words of a passage that can propose a pair by containment: long enough to be no "
            "stock phrase. 6 and 8 found the same pairs, 6 with more candidates."
        ),
    )
    anchor_share: int = Field(
        16,
        ge=1,
        le=1024,
        description=(
            "One passage in so many is an anchor, and a pair must share two: a copied passage of "
            "150 words is found in all but 0.1% of cases."
        ),
    )
    bucket_head: int = Field(
        16,
        ge=1,
        le=1000,
        description=(
            "Documents of a bucket that every other one in it is compared with, the first in "
            "canonical order: keeps time linear. 4, 16 and 64 gave the same clusters of wire news."
        ),
    )
    jaccard: float = Field(
        0.52,
        gt=0,
        le=1,
        description=(
            "Jaccard from which two documents are copies. On labelled wire news .50 merges 2 more "
            "filled-in forms than .52 and finds no more copies; .60 loses a point of recall."
        ),
    )
    contained: bool = Field(
        default=True,
        description="Whether a document is a copy when another holds nearly all of its shingles.",
    )
    containment: float = Field(
        0.75,
        gt=0,
        le=1,
        description=(
            "Containment from which the contained document is a copy. At .70 articles that share "
            "a half with another begin to merge; at .80 fewer partial extracts find their page."
        ),
    )
    containment_shingles: int = Field(
        50,
        ge=1,
        description="Shared shingles below which containment is no evidence: a quoted paragraph.",
    )
    containment_ratio: float = Field(
        0.15,
        ge=0,
        le=1,
        description=(
            "Least size of a contained document as a share of the one that holds it: a digest "
            "does not swallow its items. Higher keeps more items, and more short extracts."
        ),
    )
    number_veto: bool = Field(
        default=True, description="Keep short texts apart whose numbers or dates contradict."
    )
    number_veto_words: int = Field(
        200,
        ge=0,
        description=(
            "Longest text for the number veto: in longer ones changed figures are an update. "
            "At 150 words 8 more filled-in forms of labelled wire news merge."
        ),
    )
    telling_veto: bool = Field(
        default=True, description="Keep very short texts apart whose names and titles contradict."
    )
    telling_veto_words: int = Field(
        60, ge=0, description="Longest text for the telling veto: about a filled-in form."
    )
    review_jaccard: float = Field(
        0.4, gt=0, le=1, description="Jaccard from which a pair left apart is listed for review."
    )
    review_containment: float = Field(
        0.6, gt=0, le=1, description="Containment from which such a pair is listed for review."
    )
    review_pairs: int = Field(
        3, ge=0, le=1000, description="Review pairs per document: what a person may want to read."
    )
    preferred_sources: list[str] = Field(  # a list, for Dagster's config knows no tuples
        [], description="Sources whose document is kept when all that counts more is equal."
    )


class LearnSettings(SettingsGroup):
    """When a line is its source's furniture: learned from the corpus, cut at the very end."""

    lines: bool = Field(
        default=True,
        description="Cut the lines that a source repeats at the edges of its articles. Without a "
        "known source nothing is learned.",
    )
    least_clusters: int = Field(
        5, ge=2, description="Stories of a source that have the line; copies of one count once."
    )
    least_share: float = Field(
        0.02, ge=0, le=1, description="The same, as a share of the source's stories."
    )
    edge_share: float = Field(
        0.9, ge=0, le=1, description="Share of the line's occurrences that are at an edge."
    )
    sentence_echo: float = Field(
        0.2,
        ge=0,
        le=1,
        description="Share of a sentence's longer words that its articles may have elsewhere: of "
        "their own sentences 38 to 57% do, of other articles' 9 to 11%.",
    )


class ValidationSettings(SettingsGroup):
    """When the suites stop a run."""

    max_quarantine_share: float = Field(
        0.5,
        ge=0,
        le=1,
        description="A suite that refuses more documents than this is itself wrong: the run stops.",
    )
    drift_documents: int = Field(
        1_000,
        ge=1,
        description="A smaller corpus is not compared with the next: single documents move it.",
    )
    allow_drift: bool = Field(
        default=False,
        description="Publish although critical rules of the drift suite fail: the change is meant.",
    )


class PublishSettings(SettingsGroup):
    """How a snapshot lies on disk."""

    part_rows: int = Field(
        20_000, ge=1, description="Mean rows of a part; parts are cut by a hash of the row's id."
    )
    keep_snapshots: int = Field(
        30,
        ge=2,
        description="Last publications whose snapshots stay on disk: a month of nights. At least "
        "two, for whoever still reads the one before.",
    )


class ExecutionSettings(SettingsGroup):
    """Where and in what pieces the work is done. Nothing here may change a published byte."""

    workers: int = Field(2, ge=1, le=256, description="Threads or processes that run batches.")
    batch_documents: int = Field(
        20_000, ge=1, description="Documents per batch: bounds memory, and what a kill loses."
    )
    batch_bytes: int = Field(
        64_000_000, ge=1, description="Raw bytes per batch: bounds memory where texts are long."
    )


class Settings(SettingsGroup):
    """All of them."""

    ingest: IngestSettings = IngestSettings()
    clean: CleanSettings = CleanSettings()
    measure: MeasureSettings = MeasureSettings()
    dedup: DedupSettings = DedupSettings()
    learn: LearnSettings = LearnSettings()
    validation: ValidationSettings = ValidationSettings()
    publish: PublishSettings = PublishSettings()
    execution: ExecutionSettings = ExecutionSettings()
