"""Languages: Whisper's codes, and other names that people use for them."""

from __future__ import annotations

import re
import unicodedata

LANGUAGES: dict[str, str] = {
    "af": "Afrikaans", "am": "Amharic", "ar": "Arabic", "as": "Assamese", "az": "Azerbaijani", "ba": "Bashkir",
    "be": "Belarusian", "bg": "Bulgarian", "bn": "Bengali", "bo": "Tibetan", "br": "Breton", "bs": "Bosnian",
    "ca": "Catalan", "cs": "Czech", "cy": "Welsh", "da": "Danish", "de": "German", "el": "Greek", "en": "English",
    "es": "Spanish", "et": "Estonian", "eu": "Basque", "fa": "Persian", "fi": "Finnish", "fo": "Faroese",
    "fr": "French", "gl": "Galician", "gu": "Gujarati", "ha": "Hausa", "haw": "Hawaiian", "he": "Hebrew",
    "hi": "Hindi", "hr": "Croatian", "ht": "Haitian Creole", "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian",
    "is": "Icelandic", "it": "Italian", "ja": "Japanese", "jw": "Javanese", "ka": "Georgian", "kk": "Kazakh",
    "km": "Khmer", "kn": "Kannada", "ko": "Korean", "la": "Latin", "lb": "Luxembourgish", "ln": "Lingala", "lo": "Lao",
    "lt": "Lithuanian", "lv": "Latvian", "mg": "Malagasy", "mi": "Maori", "mk": "Macedonian", "ml": "Malayalam",
    "mn": "Mongolian", "mr": "Marathi", "ms": "Malay", "mt": "Maltese", "my": "Burmese", "ne": "Nepali", "nl": "Dutch",
    "nn": "Nynorsk", "no": "Norwegian", "oc": "Occitan", "pa": "Punjabi", "pl": "Polish", "ps": "Pashto",
    "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sa": "Sanskrit", "sd": "Sindhi", "si": "Sinhala",
    "sk": "Slovak", "sl": "Slovenian", "sn": "Shona", "so": "Somali", "sq": "Albanian", "sr": "Serbian",
    "su": "Sundanese", "sv": "Swedish", "sw": "Swahili", "ta": "Tamil", "te": "Telugu", "tg": "Tajik", "th": "Thai",
    "tk": "Turkmen", "tl": "Tagalog", "tr": "Turkish", "tt": "Tatar", "uk": "Ukrainian", "ur": "Urdu", "uz": "Uzbek",
    "vi": "Vietnamese", "yi": "Yiddish", "yo": "Yoruba", "yue": "Cantonese", "zh": "Chinese",
}  # fmt: skip
"""Whisper's language codes, in its order, with the English names."""

_OTHER_NAMES: dict[str, tuple[str, ...]] = {
    # the most spoken languages by their own names
    "ar": ("العربية", "عربي"), "bn": ("বাংলা", "Bangla"), "bg": ("български",), "cs": ("čeština", "česky"),
    "da": ("dansk",), "de": ("Deutsch",), "el": ("ελληνικά",), "es": ("español", "castellano", "Castilian"),
    "fa": ("فارسی", "Farsi"), "fi": ("suomi",), "fr": ("français",), "he": ("עברית", "iw"),
    "hi": ("हिन्दी", "हिंदी"), "hu": ("magyar",), "id": ("Bahasa Indonesia", "in"), "it": ("italiano",),
    "ja": ("日本語", "にほんご"), "km": ("ខ្មែរ", "Cambodian"), "ko": ("한국어",), "lo": ("ລາວ", "Laotian"),
    "mr": ("मराठी",), "ms": ("Bahasa Melayu",), "no": ("norsk", "Bokmål", "nb"), "pl": ("polski",),
    "pt": ("português",), "ru": ("русский",), "sv": ("svenska",), "sw": ("Kiswahili",), "ta": ("தமிழ்",),
    "te": ("తెలుగు",), "th": ("ไทย", "ภาษาไทย"), "tr": ("Türkçe",), "uk": ("українська",), "ur": ("اردو",),
    "vi": ("tiếng Việt",), "yue": ("廣東話", "广东话", "粵語", "粤语", "zh-yue"),
    "zh": ("中文", "汉语", "漢語", "普通话", "國語", "Mandarin", "cmn"),
    # other names, most of which Whisper knows too, and former codes
    "ca": ("català", "Valencian"), "ht": ("Haitian",), "jw": ("jv",), "lb": ("Letzeburgesch",),
    "my": ("မြန်မာ", "Myanmar"), "nl": ("Nederlands", "Flemish"), "nn": ("Norwegian Nynorsk",), "pa": ("Panjabi",),
    "ps": ("Pushto",), "ro": ("română", "Moldavian", "Moldovan", "mo"), "si": ("Sinhalese",), "tl": ("Filipino", "fil"),
    "yi": ("ji",),
}  # fmt: skip


def code_of(given: str) -> str | None:
    """Return Whisper's code of a language, given as a code, a BCP 47 tag, or its English or own name; else None.

    Case, accents and separators do not matter.

    >>> code_of("de-DE"), code_of("German"), code_of("Deutsch"), code_of("zh-Hant"), code_of("mandarin")
    ('de', 'de', 'de', 'zh', 'zh')
    """
    tag = _TAG.fullmatch(given.strip())
    return _CODES.get(_plain(given)) or (_CODES.get(tag["primary"].casefold()) if tag else None)


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(bare.replace("_", " ").replace("-", " ").split())


_TAG = re.compile(r"(?P<primary>[A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{1,8})+")

_CODES: dict[str, str] = (
    {_plain(code): code for code in LANGUAGES}
    | {_plain(name): code for code, name in LANGUAGES.items()}
    | {_plain(name): code for code, names in _OTHER_NAMES.items() for name in names}
)
