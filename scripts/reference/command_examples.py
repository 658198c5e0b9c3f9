"""Examples for the page of each command; the tests of the pages run every line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

EXAMPLES: Mapping[str, Sequence[tuple[str, str]]] = {
    "align": [
        ("align episode.mp3 episode.md", "times, subtitles, the report"),
        ("align episode.mp3 episode.md -o results", "write the results into another folder"),
        ("align episode.mp3 episode.md --diff", "show the change and write nothing"),
        ("align episode.mp3 episode.md -f srt -f vtt", "subtitles only"),
        ("align episode.mp3 episode.md --subtitles broadcast", "subtitles with the limits of broadcasters"),
        ("align episode.mp3 episode.md --no-voices", "do not identify speakers: faster"),
        (
            'align episode.mp3 episode.md --track "Ann Lee=ann.wav" --track "Bob Ray=bob.wav"',
            "one recording per speaker",
        ),
        ("align episode.mp3 episode.md --in-place", "write the times into the transcript itself"),
    ],
    "marker": [
        ("marker episode.mp3 episode.md", "print the note"),
        ("marker episode.mp3 episode.md --json", "the same for programs"),
        ("marker episode.mp3 episode.md --in-place", "write the note into the transcript"),
    ],
    "finish": [
        ("finish episode.mp3 episode.md", "write episode.finished.md"),
        ("finish episode.mp3 episode.md --fill-gaps", "draft passages that were left out in the middle, too"),
        ("finish episode.mp3 episode.md --mark-uncertain", "mark words that need a second look"),
        ("finish episode.mp3 episode.md --in-place", "write the draft into the transcript itself"),
    ],
    "draft": [
        ("draft episode.mp3", "write episode.draft.md"),
        ("draft episode.mp3 --like other-episode.md", "in the style of another transcript"),
        ('draft episode.mp3 --title "Old apple trees" --speakers 2', "with a title, for two speakers"),
    ],
    "desk": [
        ("desk episode.mp3 episode.md", "open the page"),
        ("desk episode.mp3 new.md --like other-episode.md", "begin a transcript in the style of another one"),
        ("desk episode.mp3 episode.md -f srt -o results", "write subtitles at each save"),
    ],
    "batch": [
        ("batch episodes -o results", "every episode of a folder"),
        ("batch episodes -o results --retry-failed", "continue, and try again what failed"),
        ("batch episodes --write-manifest found.csv", "write down what belongs together, and stop"),
        ("batch manifest.csv -o results --work finish", "every episode of a manifest; draft what is missing"),
        ("batch status -o results", "the state of each episode"),
        ("batch status -o results --json", "the same for programs"),
    ],
    "convert": [
        ("convert interview.srt interview.vtt", "subtitles from subtitles"),
        ("convert interview.srt interview.md", "a transcript in Markdown, with typed times"),
        ("convert interview.md transcript.docx", "a Word document of a transcript with typed times"),
    ],
    "retime": [
        ("retime old.srt --from old.mp3 --to new.mp3", "write new.srt: the same subtitles at the times of new.mp3"),
        ("retime old.timed.md --from old.mp3 --to new.mp3", "the times in a transcript"),
        ("retime old.json --from old.mp3 --to new.mp3 -o results", "the report of align, into another folder"),
        ("retime old.chapters.json --from old.mp3 --to new.mp3", "chapters"),
        ("retime old.vtt --from old.mp3 --to new.mp3 --json", "print what was found as JSON"),
        ("retime old.srt --to new.mp3", "without the old audio: listen for the words of the subtitles"),
    ],
    "check": [
        ("check episode.md", "how the transcript is understood, and what looks wrong"),
        ("check episode.md --strict", "end with status 1 if anything looks wrong"),
        ("check captions.srt --for youtube", "what YouTube will not take"),
        ("check captions.srt --for castopod --fix", "write captions.fixed.srt, which Castopod reads"),
    ],
    "publish": [
        ("publish episode.mp3 episode.md --to castopod,youtube", "write what these take, each into its folder"),
        ("publish episode.mp3 episode.md --to all --base-url https://example.org/7", "and the lines for the feed"),
        ("publish episode.mp3 episode.md --to netflix,bbc --json", "TTML, and what was written as JSON"),
        (
            "publish episode.mp3 episode.md --to apple --base-url https://example.org/7 --feed feed.xml",
            "and a copy of the feed with them",
        ),
    ],
    "voices": [
        ("voices", "the shows that have a voice book"),
        ('voices list "My Show"', "the people in one"),
        ('voices show "My Show" "Ann Lee"', "what is known of one person"),
        ('voices rename "My Show" "Bob Ray" "Robert Ray"', "correct a name"),
        ('voices export "My Show" ann.voices --voice "Ann Lee"', "one person's voice as a file"),
        ('voices forget "My Show" "Ann Lee"', "remove a person completely"),
    ],
    "models": [
        ("models", "all known models, and which are here"),
        ("models fetch base", "download a model before it is needed"),
        ("models verify base", "check every byte of it"),
        ("models remove base", "free the disk"),
    ],
    "store": [
        ("store", "how much is kept, and where"),
        ("store clear --older-than 30d", "remove what no run has used for 30 days"),
    ],
    "doctor": [
        ("doctor", "what is installed and what is missing"),
        ("doctor --json", "the same for programs"),
    ],
}
"""Command lines without the program's name, each with a comment."""

_JSON = "[JSON of this command](../command-json.md)"

RUN_ON = frozenset({"desk"})
"""Commands that run until they are interrupted: their examples are parsed, and not run."""

SEE_ALSO: Mapping[str, Sequence[str]] = {
    "align": [
        "[Make subtitles](../../how-to/subtitles.md)",
        "[Make chapters](../../how-to/chapters.md)",
        "[Findings](../findings.md): what the report says",
        "[JSON of a result](../alignment-json.md)",
    ],
    "marker": [
        "[Work with partial transcripts](../../how-to/partial-transcripts.md)",
        "[JSON of marker](../marker-json.md)",
    ],
    "finish": ["[Work with partial transcripts](../../how-to/partial-transcripts.md)"],
    "draft": ["[Voices and privacy](../../how-to/voices-and-privacy.md)"],
    "batch": [
        "[Process many episodes](../../how-to/batch.md)",
        "[Use many machines](../../how-to/many-machines.md)",
        "[JSON of the status](../command-json.md#cuemarkbatch1)",
    ],
    "retime": [
        "[Move subtitles to another cut](../../how-to/another-cut.md)",
        "[JSON of the comparison](../command-json.md#cuemarkretime1)",
    ],
    "check": [
        "[Check what is typed](../../how-to/partial-transcripts.md#check-what-is-typed)",
        "[Give each platform what it takes](../../how-to/platforms.md)",
        _JSON,
    ],
    "publish": [
        "[Give each platform what it takes](../../how-to/platforms.md)",
        "[Platform rules](../platform-rules.md)",
        "[JSON of what was written](../command-json.md#cuemarkpublish1)",
    ],
    "convert": ["[Formats of other programs](../../how-to/formats.md#convert-without-the-audio)"],
    "voices": ["[Voices and privacy](../../how-to/voices-and-privacy.md)", _JSON],
    "models": ["[Environment variables](../environment.md): where models are kept", _JSON],
    "store": ["[Environment variables](../environment.md): where the store is", _JSON],
    "doctor": ["[Troubleshooting](../../how-to/troubleshooting.md)", _JSON],
}
"""Markdown links to pages that belong to a command."""
