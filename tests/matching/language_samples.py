"""A short talk in each of several languages, and a hearing of it as an engine might return it."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator

from pipeline.reading.words.word_breaks import is_unspaced
from pipeline.schema import HeardWord
from pipeline.times import Ms, Span

PIECE_MS: Ms = 220
PAUSE_MS: Ms = 700

TALKS: dict[str, tuple[str, ...]] = {
    "zh": (
        "大家好，欢迎收听我们的节目，我是李雷。",
        "今天我们来谈一谈怎么在家里泡一杯好茶。",
        "我的爷爷每天早上六点起床，先喝一杯绿茶。",
        "他说水不能太热，大概八十度就够了。",
        "我第一次泡茶的时候，把茶壶打破了，手也烫伤了。",
        "后来我在二〇一九年去了杭州，认识了一位种茶的老师傅。",
        "他带我们走进山里的茶园，教我们怎么摘叶子。",
        "那天下着小雨，山上的空气特别清新。",
        "晚上我们坐在院子里，一边喝茶一边听他讲故事。",
        "他年轻的时候当过兵，还开过一家小饭馆。",
        "饭馆关门以后，他就回到家乡继续种茶。",
        "我觉得他的生活虽然简单，但是非常幸福。",
        "现在超市里卖的茶包很方便，可是味道差远了。",
        "如果你想学泡茶，最好先买一把小小的瓷壶。",
        "下个星期我们会请一位音乐家来聊天。",
        "谢谢大家的收听，我们下次再见。",
    ),
    "ja": (
        "皆さん、こんにちは。パンとコーヒーの番組へようこそ。",
        "今日は家で美味しいパンを焼く方法についてお話しします。",
        "私は去年の冬、近所のパン屋さんで働き始めました。",
        "毎朝四時に起きて、大きなオーブンに火を入れます。",
        "最初の週は、塩と砂糖を間違えて全部捨てました。",
        "店長は怒らずに、笑いながらもう一度教えてくれました。",
        "生地は生き物だから、急いではいけないと言うのです。",
        "雨の日は水を少し減らして、ゆっくり待ちます。",
        "お客さんの中には、九十歳のおばあさんもいます。",
        "その人はいつもクロワッサンを二つ買って帰ります。",
        "一つは自分に、もう一つは隣の猫にあげるそうです。",
        "コーヒーは豆を挽いたばかりのものが一番香りがいいです。",
        "温度計があれば失敗することはほとんどありません。",
        "来週は北海道の牧場から生放送でお届けします。",
    ),
    "th": (
        "สวัสดีครับ ยินดีต้อนรับสู่รายการของเรา",
        "วันนี้เราจะพูดถึงการทำอาหารไทยที่บ้าน",
        "คุณยายของผมทำแกงเขียวหวานทุกวันอาทิตย์",
        "ตอนเด็กผมชอบนั่งดูท่านตำพริกในครก",
        "กลิ่นหอมของกะทิลอยไปทั่วบ้าน",
        "ครั้งแรกที่ผมลองทำเอง ผมใส่เกลือมากเกินไป",
        "พี่สาวหัวเราะจนน้ำตาไหล แล้วก็ช่วยผมแก้ไข",
        "เราเติมน้ำตาลมะพร้าวและมะนาวลงไปเล็กน้อย",
        "หลังจากนั้นผมไปเรียนทำอาหารที่เชียงใหม่",
        "ครูสอนให้เลือกผักสดจากตลาดตอนเช้า",
        "ตลาดเปิดตั้งแต่ตีสี่และคนเยอะมาก",
        "ผมได้เพื่อนใหม่หลายคนที่ยังติดต่อกันอยู่",
        "ถ้าคุณอยากลอง เริ่มจากต้มยำก่อนก็ได้",
        "สัปดาห์หน้าเราจะคุยเรื่องขนมหวาน ขอบคุณที่รับฟัง",
    ),
    "ar": (
        "مرحبا بكم في برنامجنا عن القهوة والكتب.",
        "اليوم نتحدث عن تاريخ القهوة في مدينتنا القديمة.",
        "كان جدي يشرب القهوة كل صباح مع أصدقائه في السوق.",
        "كانوا يجلسون تحت شجرة كبيرة ويتبادلون الأخبار.",
        "في السنة الماضية سافرت إلى اليمن لأرى مزارع البن.",
        "قابلت هناك فلاحا عجوزا يعرف كل حبة في حقله.",
        "علمني كيف تحمص الحبوب على نار هادئة.",
        "احترقت يدي في المرة الأولى وضحك الجميع.",
        "بعد ذلك كتبت كتابا صغيرا عن تلك الرحلة.",
        "قرأه أخي وقال إنه طويل ولكنه جميل.",
        "المكتبات في المدينة تفتح أبوابها حتى منتصف الليل.",
        "يمكنك أن تجد فيها روايات نادرة بثمن قليل.",
        "الأسبوع القادم نستقبل ضيفة من المغرب.",
        "شكرا لكم على الاستماع وإلى اللقاء.",
    ),
    "he": (
        "שלום וברוכים הבאים לתוכנית שלנו על ספרים.",
        "היום נדבר על הספרייה הגדולה שנפתחה בעיר.",
        "סבא שלי קרא ספר חדש בכל שבוע במשך חמישים שנה.",
        "הוא היה יושב ליד החלון עם כוס תה חם.",
        "כשהייתי ילדה הוא לימד אותי לקרוא מפות ישנות.",
        "פעם אחת הלכנו לאיבוד ביער וגשם חזק ירד עלינו.",
        "בסוף מצאנו בקתה קטנה ובה גר דייג זקן.",
        "הוא סיפר לנו על הים ועל הסערות הגדולות.",
        "מאז אני כותבת סיפורים על אנשים שפגשתי בדרך.",
        "הספר הראשון שלי יצא לאור לפני שלוש שנים.",
        "קוראים רבים שלחו אליי מכתבים מרגשים.",
        "אחד מהם הגיע אפילו מאוסטרליה הרחוקה.",
        "בשבוע הבא נארח מוזיקאי צעיר מחיפה.",
        "תודה שהאזנתם ולהתראות.",
    ),
    "de": (
        "Hallo und willkommen zu unserem Podcast über Brot und Backen.",
        "Heute geht's darum, warum ein guter Sauerteig vor allem Zeit braucht.",
        "Ich habe gestern drei Stunden in der Großküche gestanden und zwei Bleche verbrannt.",
        "Meine Großmutter hatte einen riesigen Kachelofen im Wohnzimmer.",
        "Am 3. Mai 1984 hat sie dort ihr letztes Weihnachtsgebäck gebacken, völlig verrückt.",
        "Die Nachbarskinder standen mit großen Augen vor dem Küchenfenster.",
        "Später lernte ich in Tübingen einen Müller kennen, der nur nachts arbeitete.",
        "Seine Mühle klapperte so laut, dass niemand schlafen konnte.",
        "Trotzdem kamen die Leute von weit her, um sein Roggenmehl zu kaufen.",
        "Das Mehl kostete 2,50 € das Kilo, also fast nichts.",
        "Wer zu Hause backen möchte, braucht bloß eine Schüssel und etwas Geduld.",
        "Die Kruste wird knusprig, wenn man Wasser in den Ofen sprüht.",
        "Nächste Woche sprechen wir mit einer Käserin aus dem Allgäu.",
        "Danke fürs Zuhören und bis zum nächsten Mal.",
    ),
    "hi": (
        "नमस्ते, हमारे कार्यक्रम में आपका स्वागत है।",
        "आज हम चाय और पुरानी किताबों के बारे में बात करेंगे।",
        "मेरे दादाजी हर सुबह बगीचे में अदरक वाली चाय पीते थे।",
        "वे कहते थे कि पानी को धीरे धीरे उबालना चाहिए।",
        "एक दिन मैंने गलती से चीनी की जगह नमक डाल दिया।",
        "सब लोग चुप रहे और फिर ज़ोर से हँसने लगे।",
        "पिछले साल मैं दार्जिलिंग की पहाड़ियों में घूमने गया।",
        "वहाँ एक बूढ़ी औरत ने मुझे पत्तियाँ तोड़ना सिखाया।",
        "उसकी झोपड़ी से बर्फ से ढके पर्वत दिखते थे।",
        "शाम को हम आग के पास बैठकर कहानियाँ सुनते रहे।",
        "मैंने वे सारी कहानियाँ एक कॉपी में लिख लीं।",
        "अब वह कॉपी मेरी सबसे कीमती चीज़ है।",
        "अगले हफ्ते हम एक मशहूर गायिका से मिलेंगे।",
        "सुनने के लिए धन्यवाद, फिर मिलेंगे।",
    ),
}

ANOTHER = (
    "大家好，欢迎收听我们的节目，我是李雷。",
    "今天的话题是电影院为什么越来越少。",
    "小时候每个周末爸爸都带我去看动画片。",
    "票价只要五块钱，爆米花却要十块。",
    "最近城里最后一家老影院也拆掉了，变成停车场。",
    "有位导演告诉我，观众都躺在沙发上看手机。",
    "她拍的纪录片花了四年，只放映了两场。",
    "不过年轻人开始在公园里办露天放映会。",
    "上个月我们借来一台旧投影机试了试。",
    "银幕是用床单缝的，风一吹就晃来晃去。",
    "蚊子咬得大家满身是包，却没有人离开。",
    "散场的时候，孩子们吵着还要看下一部。",
    "器材和版权仍然是最大的麻烦。",
    "欢迎写信把你的看法告诉编辑部。",
    "下个星期我们会请一位音乐家来聊天。",
    "谢谢大家的收听，我们下次再见。",
)
"""Another episode of the Chinese show: its greeting and its end are the same."""


def typed(sentences: tuple[str, ...]) -> str:
    """Return a transcript in which two people say one sentence each, in turn."""
    names = ("**甲**：", "**乙**：")
    return "\n\n".join(names[at % 2] + sentence for at, sentence in enumerate(sentences))


def said(sentences: tuple[str, ...], seed: int, slips: float) -> tuple[tuple[HeardWord, ...], tuple[Ms, ...]]:
    """Return what is heard of the sentences, and the start of each in ms.

    In a script without spaces the words are pieces of one to three characters, like Whisper's; in others they are
    separated by spaces. The share ``slips`` of the pieces is replaced by others of the same talk.
    """
    rng = random.Random(seed)
    all_pieces = [piece for sentence in sentences for piece in _pieces(sentence, rng)]
    words: list[HeardWord] = []
    starts: list[Ms] = []
    at: Ms = 1_000
    for sentence in sentences:
        starts.append(at)
        for piece in _pieces(sentence, rng):
            text = rng.choice(all_pieces) if rng.random() < slips else piece
            words.append(HeardWord(text, Span(at, at + PIECE_MS), 0.8))
            at += PIECE_MS
        at += PAUSE_MS
    return tuple(words), tuple(starts)


def _pieces(sentence: str, rng: random.Random) -> Iterator[str]:
    for word in sentence.split():
        if not is_unspaced(word):
            yield word
            continue
        letters = "".join(letter for letter in word if unicodedata.category(letter)[0] in "LMN")
        while letters:
            size = rng.choice((1, 1, 2, 3))
            yield letters[:size]
            letters = letters[size:]
