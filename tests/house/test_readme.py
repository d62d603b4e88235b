"""The README tells the truth: every command, setting and asset is in it."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from pipeline.cli import app
from pipeline.definitions import definitions
from pipeline.settings import Settings

README = Path(__file__).parents[2] / "README.md"
BLOCK = re.compile(r"(<!-- settings -->\n).*?(<!-- end settings -->)", re.DOTALL)


@pytest.fixture(scope="module")
def readme():
    return README.read_text("utf-8")


def test_every_command_is_named(readme):
    assert [name for name in get_command(app).commands if f"`winnow {name}" not in readme] == []


def test_every_asset_schedule_and_sensor_is_named(readme):
    defs = definitions()
    graph = defs.resolve_asset_graph()
    names = [key.to_user_string() for key in graph.get_all_asset_keys()]
    names += [schedule.name for schedule in defs.schedules]
    names += [sensor.name for sensor in defs.sensors]
    assert [name for name in names if f"`{name}`" not in readme] == []


def test_every_setting_is_listed_with_its_default_and_reason(readme, request):
    listed = BLOCK.sub(lambda match: match[1] + _settings_table() + match[2], readme)
    if request.config.getoption("update_golden"):
        README.write_text(listed, "utf-8")
    assert readme == listed, "run pytest tests/house --update-golden"


def _settings_table():
    rows = ["| setting | default | why |", "|---|---|---|"]
    for group, field in Settings.model_fields.items():
        for name, setting in field.annotation.model_fields.items():
            default = setting.get_default(call_default_factory=True)
            reason = setting.description.replace("|", "\\|")
            rows.append(f"| `{group}.{name}` | `{default}` | {reason} |")
    return "\n".join(rows) + "\n"
