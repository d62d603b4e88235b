"""A snapshot made up for looking at: many languages, a few sites, some hostile texts."""

import hashlib
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from pipeline import schema
from pipeline.report.facts import ChangeTally, ReportFacts, ValidationLine
from pipeline.settings import Settings

START = datetime(2026, 3, 1, 6, tzinfo=UTC)
SENTENCES = {
    "en": [
        "The council voted on Tuesday to reopen the old tram line along the river.",
        "Residents had asked for the change since the bus route was cut last spring.",
        "A spokesman said the first cars would run before the end of the year.",
        "Shop owners on the square hope for more visitors at the weekend.",
        "The bill is to be paid from a fund that was meant for a second car park.",
        "Critics point to the narrow bridge, which has not been inspected for a decade.",
    ],
    "de": [
        "Der Stadtrat beschloss am Dienstag, die alte Straßenbahn wieder fahren zu lassen.",
        "Viele Anwohner hatten sich das seit dem Frühjahr gewünscht.",
        "Eine Sprecherin nannte den Herbst als frühesten Termin.",
        "Bezahlt wird der Umbau aus einem Topf, der für ein Parkhaus gedacht war.",
    ],
    "tr": [
        "Belediye meclisi eski tramvay hattının yeniden açılmasına karar verdi.",
        "Mahalle sakinleri bu değişikliği ilkbahardan beri istiyordu.",
        "Sözcü, ilk seferlerin yıl bitmeden başlayacağını söyledi.",
    ],
    "ru": [
        "Городской совет во вторник решил вновь открыть старую трамвайную линию.",
        "Жители просили об этом с весны, когда отменили автобус.",
        "Представитель мэрии пообещал первые рейсы до конца года.",
    ],
    "ar": [
        "قرر المجلس البلدي يوم الثلاثاء إعادة فتح خط الترام القديم على طول النهر.",
        "طالب السكان بهذا التغيير منذ الربيع الماضي.",
        "وقال متحدث إن الرحلات الأولى ستبدأ قبل نهاية العام.",
    ],
    "he": [
        "מועצת העיר החליטה ביום שלישי לפתוח מחדש את קו החשמלית הישן.",
        "התושבים ביקשו את השינוי מאז האביב.",
    ],
    "zh": [
        "市议会周二投票决定重新开放沿河的旧电车线路。",
        "居民们自去年春天以来一直要求改变。",
        "发言人说首批车辆将在年底前运行。",
    ],
}
HOSTILE = [
    "<script>alert(1)</script>",
    "</style></title><img src=x onerror=alert(1)>",
    "{{7*7}} {% raw %} ${7*7}",
    "\x1b[31mred\x1b[0m and a bell \x07",
    "\u202eturned around\u202c",
    "W" * 3000,
    "[bold red]markup[/bold red] [/]",
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
]
FOOTERS = ["Read also: The tram in pictures", "Leave a comment", "Follow us on every channel!"]


@dataclass
class Fake:
    """Rows of a snapshot as they are made up, written by `write`."""

    rows: dict[str, list[dict]] = field(default_factory=lambda: {name: [] for name in TABLES})

    def document(self, source_id, text, *, table="documents", edits=(), **columns):
        """Adds a document; an edit is (place in text, rule, action, removed, replacement)."""
        doc_id = digest(source_id)[:32]
        decoded = self._edit(doc_id, text, edits)
        row = {
            "doc_id": doc_id,
            "source_id": source_id,
            "source": "harbour-news.example",
            "title": text.split("\n")[0][:100],
            "text": text,
            "language": "en",
            "language_confidence": 0.97,
            "first_seen": START,
            "n_chars": len(text),
            "n_words": len(text.split()),
            "encoding": "utf-8",
            "cluster_id": doc_id,
            "flags": [],
            "signals": {
                "cut_char_share": max(0.0, 1 - len(text) / max(1, len(decoded))),
                "n_cuts": len(edits),
            },
            "raw_sha256": digest(decoded + "raw"),
            "decoded_sha256": digest(decoded),
            "text_sha256": digest(text),
        }
        self.rows[table].append(row | columns)
        if table == "documents":
            self.rows["clusters"].append({"cluster_id": doc_id, "canonical_id": doc_id, "size": 1})
        return doc_id

    def duplicate(self, canonical_id, source_id, text, relation, jaccard, **columns):
        """Adds a duplicate of a document with its pair; its id."""
        doc_id = self.document(
            source_id,
            text,
            table="duplicates",
            canonical_id=canonical_id,
            cluster_id=canonical_id,
            relation=relation,
            jaccard=jaccard,
            containment=min(1, jaccard + 0.2),
            reason="shorter than the kept document",
            **columns,
        )
        self.pair(doc_id, canonical_id, jaccard, "merge", relation)
        for cluster in self.rows["clusters"]:
            cluster["size"] += cluster["cluster_id"] == canonical_id
        return doc_id

    def pair(self, left, right, jaccard, decision, relation="near_copy"):
        """Adds a measured pair."""
        self.rows["pairs"].append(
            {
                "left_id": left,
                "right_id": right,
                "jaccard": jaccard,
                "containment_left": min(1, jaccard + 0.2),
                "containment_right": jaccard,
                "shared_shingles": int(jaccard * 200),
                "relation": relation,
                "decision": decision,
            }
        )

    def write(self, folder: Path) -> Path:
        """The folder with the tables in it; documents, duplicates and edits in two parts."""
        for name, expected in TABLES.items():
            names = set(expected.names())
            rows = [{key: row.get(key) for key in names} for row in self.rows[name]]
            frame = pl.DataFrame(rows, schema=expected)
            if name in {"documents", "duplicates", "edits"}:
                (folder / name).mkdir(parents=True)
                half = frame.height // 2
                write(frame.head(half), folder / name / "part-0.parquet")
                write(frame.tail(frame.height - half), folder / name / "part-1.parquet")
            else:
                write(frame, folder / f"{name}.parquet")
        return folder

    def _edit(self, doc_id, text, edits):
        """Puts edit rows beside a text and returns the decoded text that they began from."""
        decoded, read = "", 0
        for seq, (at, rule, action, removed, replacement) in enumerate(edits):
            decoded += text[read:at]
            start = len(decoded)
            decoded += removed
            read = at + len(replacement)
            self.rows["edits"].append(
                {
                    "doc_id": doc_id,
                    "seq": seq,
                    "start": start,
                    "end": start + len(removed),
                    "action": action,
                    "rule": rule,
                    "removed": removed,
                    "replacement": replacement,
                }
            )
        return decoded + text[read:]


TABLES = {
    "documents": schema.DOCUMENTS,
    "duplicates": schema.DUPLICATES,
    "quarantine": schema.QUARANTINE,
    "edits": schema.EDITS,
    "learned_lines": schema.LEARNED_LINES,
    "clusters": schema.CLUSTERS,
    "pairs": schema.PAIRS,
}


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def write(frame: pl.DataFrame, path: Path) -> None:
    pq.write_table(frame.to_arrow(), path, compression="zstd")


def article(chance: random.Random, language: str, number: int) -> str:
    title = f"{SENTENCES[language][0][:40].rstrip('. ')} ({number})"
    lines = [
        " ".join(chance.choices(SENTENCES[language], k=chance.randint(2, 6)))
        for _ in range(chance.randint(2, 12))
    ]
    return "\n".join([title, *lines])


def realistic() -> Fake:  # noqa: C901  # one loop for each table
    """About 240 documents with every kind of edit, relation and reason."""
    fake, chance = Fake(), random.Random(7)
    languages = ["en"] * 9 + ["de"] * 4 + ["tr", "ru", "ar", "he", "zh"]
    ids = []
    for number in range(180):
        language = chance.choice(languages)
        text = article(chance, language, number)
        if number < len(HOSTILE):
            text += f"\n{HOSTILE[number]} and so it went on."
        edits = []
        if number % 5 == 1:
            at = text.index("\n") + 1
            edits.append((at + 4, "repair.mojibake", "repair", "â€™", text[at + 4]))
        if number % 7 == 2 and ". " in text:
            edits.append((text.index(". ") + 1, "repair.glue", "repair", "", " "))
        if number % 3 == 0:
            footer = HOSTILE[number % 9] if number < 9 else FOOTERS[number % 3]
            edits.append((len(text), f"tail.{number % 4}", "drop_line", "\n" + footer, ""))
        if number % 4 == 0:
            edits.append((len(text), "blank.edge", "trim", "\n\n", ""))
        doc_id = fake.document(
            f"site-{number % 6}/articles/{number:04}.txt",
            text,
            edits=edits,
            language=language,
            source=f"site-{number % 6}.example" if number > 8 else HOSTILE[number][:60],
            title=text.split("\n")[0] if number > 8 else HOSTILE[number],
            first_seen=START + timedelta(hours=number),
            flags=["missing_title"] if number % 11 == 0 else ["short"] if number % 13 == 0 else [],
            encoding=chance.choice(["utf-8"] * 8 + ["windows-1251", "utf-16-le"]),
        )
        ids.append((doc_id, text, language))
    for number in range(45):
        doc_id, text, language = ids[min(chance.randrange(60), chance.randrange(60))]
        kind = chance.choice(
            ["exact_raw", "exact_text", "near_copy", "near_copy", "truncated_copy"]
        )
        jaccard, copy = 1.0, text
        if kind == "near_copy":
            jaccard = chance.uniform(0.56, 0.97)
            copy = text.replace("Tuesday", "Wednesday").replace("Dienstag", "Mittwoch") + "\nMore."
        elif kind == "truncated_copy":
            jaccard, copy = chance.uniform(0.3, 0.7), text[: len(text) // 2] + "…"
        fake.duplicate(
            doc_id, f"mirror/{number:03}.jsonl#4", copy, kind, jaccard, language=language
        )
    for number, line in enumerate(HOSTILE):
        fake.rows["learned_lines"].append(
            {
                "rule": f"learned.{number:016x}",
                "source": line if number % 2 else "harbour-news.example",
                "line": line,
                "support": 31 - number,
                "source_clusters": 40,
                "edge_share": 0.96,
                "echo_share": 0.0,
                "samples": [ids[number][0], ids[number + 1][0]],
                "cuts": 30 - number,
            }
        )
    for number in range(40):
        fake.pair(ids[number][0], ids[number + 60][0], chance.uniform(0.3, 0.549), "review")
    for number in range(18):
        reason = ["too_short", "undecodable", "mostly_symbols", "unreadable_record"][number % 4]
        text = None if number % 4 in {1, 3} else (HOSTILE * 2)[number]
        fake.rows["quarantine"].append(
            {
                "doc_id": digest(f"bad {number}")[:32],
                "source_id": f"dump/bad-{number}.txt",
                "stage": ["cleaned", "decode", "cleaned", "ingest"][number % 4],
                "reasons": [reason, "no_letters"] if number % 8 == 2 else [reason],
                "detail": f"value {number}, limit 20 <b>",
                "text": text,
                "first_seen": START,
                "encoding": None if text is None else "utf-8",
                "flags": [],
                "raw_sha256": digest(f"bad raw {number}"),
                "decoded_sha256": None if text is None else digest(text),
                "text_sha256": None if text is None else digest(text),
            }
        )
    return fake


def facts(**changed) -> ReportFacts:
    """Facts of a publication of the realistic snapshot."""
    known = {
        "snapshot_id": "9f3c1a7be0d24455",
        "publication": 12,
        "published_at": datetime(2026, 3, 9, 2, 0, tzinfo=UTC),
        "version": "0.1.0",
        "files": 61,
        "documents": 243,
        "settings": Settings(),
        "previous_id": "77aa01c2d3e4f506",
        "changes": (
            ChangeTally("added", "new in the input", 31),
            ChangeTally("changed", "a line of its source became known", 4),
        ),
        "validations": (
            ValidationLine("curated", "text is never null", "critical", True, 0, "0 of 180", "A"),
            ValidationLine("cleaned", "<i>too_short</i>", "warning", False, 5, "5 of 243", "B"),
        ),
        "rule_reasons": {"repair.glue": "A sentence end without a blank is a fault of extraction."},
    }
    return ReportFacts(**(known | changed))


@pytest.fixture(scope="session")
def snapshot(tmp_path_factory) -> Path:
    return realistic().write(tmp_path_factory.mktemp("snapshot") / "corpus")


@pytest.fixture
def fake() -> Fake:
    return Fake()


@pytest.fixture
def make_facts():
    return facts


@pytest.fixture(scope="session")
def report_facts() -> ReportFacts:
    return facts()
