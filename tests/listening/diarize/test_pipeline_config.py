from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.listening.diarize.pipeline_config import PipelineConfig, parse_config

COMMUNITY = """\
dependencies:
  pyannote.audio: 4.0.0

pipeline:
  name: pyannote.audio.pipelines.SpeakerDiarization
  params:
    clustering: VBxClustering
    segmentation: $model/segmentation
    segmentation_batch_size: 32
    embedding: $model/embedding
    embedding_batch_size: 32
    embedding_exclude_overlap: true
    plda: $model/plda

params:
  clustering:
    threshold: 0.6
    Fa: 0.07
    Fb: 0.8
  segmentation:
    min_duration_off: 0.0
"""


def test_the_configuration_of_the_community_pipeline_is_read() -> None:
    """All that it says is taken over."""
    assert parse_config(COMMUNITY) == PipelineConfig(
        segmentation=PurePosixPath("segmentation"),
        embedding=PurePosixPath("embedding"),
        plda=PurePosixPath("plda"),
        settings={
            "clustering": "VBxClustering",
            "segmentation_batch_size": 32,
            "embedding_batch_size": 32,
            "embedding_exclude_overlap": True,
        },
        parameters={
            "clustering": {"threshold": 0.6, "Fa": 0.07, "Fb": 0.8},
            "segmentation": {"min_duration_off": 0.0},
        },
        requires="4.0.0",
    )


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (
            "pyannote.audio.pipelines.SpeakerDiarization",
            "os.system",
            "names the pipeline 'os.system', which cuemark does",
        ),
        (
            "pyannote.audio.pipelines.SpeakerDiarization",
            "{a: b}",
            "names the pipeline {'a': 'b'}, which cuemark does not",
        ),
        (
            "$model/segmentation\n",
            "pyannote/segmentation-3.0@x\n",
            "segmentation is 'pyannote/segmentation-3.0@x', not a",
        ),
        ("$model/segmentation\n", "/etc/passwd\n", "segmentation is '/etc/passwd', not a file in the folder"),
        ("$model/embedding\n", "$model/../../other\n", "embedding is '$model/../../other', not a file in the folder"),
        ("$model/plda\n", "{checkpoint: someone/else}\n", "plda is {'checkpoint': 'someone/else'}, not a file in the"),
        ("    segmentation: $model/segmentation\n", "", "config.yaml lacks pipeline.params.segmentation"),
        ("    plda: $model/plda\n", "", "config.yaml lacks pipeline.params.plda, which its clustering needs"),
        (
            "params:\n  clus",
            "preprocessors: {a: {name: os.system}}\nparams:\n  clus",
            "config.yaml has 'preprocessors'",
        ),
        ("    clustering: V", "    token: x\n    clustering: V", "pipeline.params has 'token', which is not taken"),
        (
            "    clustering: V",
            "    legacy: true\n    clustering: V",
            "pipeline.params has 'legacy', which is not taken",
        ),
        ("segmentation_batch_size: 32", "segmentation_batch_size: 99999", "size is 99999, not a number from 1 to 1000"),
        ("embedding_exclude_overlap: true", "embedding_exclude_overlap: 3", "overlap is 3, not true or false"),
        ("Fa: 0.07", "Fa: [1]", "params.clustering.Fa is not a plain value"),
        ("  pyannote.audio: 4.0.0", "  torch: 4.0.0", "dependencies has 'torch', which is not taken from a folder"),
        ("threshold: 0.6", "threshold: !!python/object/apply:os.mkdir [trace]", "config.yaml is not YAML"),
    ],
)
def test_what_names_something_else_is_refused(old: str, new: str, reason: str) -> None:
    """The error says in one line what is in the way: a class, a hub, a file elsewhere, a setting that is none."""
    assert old in COMMUNITY

    with pytest.raises(ValueError, match=r".") as refused:
        parse_config(COMMUNITY.replace(old, new, 1))

    assert reason in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


def test_a_clustering_without_a_plda_needs_none() -> None:
    """The configuration of an older pipeline has none, and states the version in another place."""
    older = COMMUNITY.replace("    plda: $model/plda\n", "").replace("VBx", "Agglomerative")
    found = parse_config(older.replace("dependencies:\n  pyannote.audio: 4.0.0", "version: 3.1.0"))

    assert (found.plda, found.requires) == (None, "3.1.0")


@given(st.text(max_size=60) | st.integers(0, len(COMMUNITY)).map(lambda size: COMMUNITY[:size]))
def test_any_text_is_read_or_refused(text: str) -> None:
    """The only exception is the one with a line for the user."""
    try:
        parse_config(text)
    except ValueError as e:
        assert len(str(e).splitlines()) == 1  # noqa: PT017 -- reading it is allowed as well
