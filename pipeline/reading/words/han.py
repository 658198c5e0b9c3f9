"""Normalise Chinese characters: traditional to simplified ones, and the numbers that are written with them."""

from __future__ import annotations

import regex

# The most common pairs, in the order of their frequency in running text; the two tables match character by character.
_TRADITIONAL = (
    "這們個來時說為會國學對開關過還後沒麼樣發經現問間話東長門見車馬魚鳥風飛電書買賣讀寫聽講語請謝讓認識誰課談論試詞詩"
    "訴該調證評議記許設訪計討訓託誤誠誕詳譯護變聲聞聯職聰腦臉臟舊興與舉義習聖種積穩窮競筆節範簡籃籠糧紀約紅級納純紙細"
    "終組結給統絕絲綠維網線練緊縣總績織續繼罰罷羅億價傷傳債傾僅優償儘兒內兩冊軍農凍凱別創劃劇劑勁動務勝勞勢勵勸區協卻"
    "廠厲參雙員啟單喪嗎嗚嘆嘗噴嚇嚴園圍圓圖團執場塊塵墊墳壓壞壯壺壽夠夢夾奧奪奮妝娛婦媽嬰孫寧寶實寬審導將專尋層屬島嶺"
    "嶽幣幫帶帳幹幾庫廁廂廚廟廢廣廳張強彈彎彙從復徹恆惡惱愛態慘慣慮慶憂憐憑憲應懷懸懶戀戰戲戶拋挾捨掃掛採換揮損搖搶撐"
    "撥擁擇擊擋擔據擠擬擴擺擾攜攝攤敗敘敵數斷於昇晉曉暫曆術樸機殺雜權條楊極構槍樂樓標樹橋橫檔檢櫃欄歐歡歲歷歸殘殼毀氣"
    "汙決況淚淨淺減測渾湊湯溝準滅滲滿漁漢漲漸潔潛潤澤濃濟濤濫濱灣災烏無煙煩熱燈燒營燦爐爛爭爺牆牽犧狀狹獄獅獎獨獲獸獻"
    "瑪環產畝畢畫異當疊瘋療癢盜盞盡監盤盧眾睏瞭矚礎碼確磚礙禮禍禪離稱稅窩竄筍築簽籤類糾緒編緩緣縮縱繞繩繪繫罵聳肅腫腳"
    "腸膚膠膽艙艦艱藝蘇藥蘭處虛號蝦蟲衛衝補裝裡複褲視親覺覽觀規觸訊註診詢誇謂謊謎豐貓貝負財貢貧貨販貪責貴費貼貿賀資賓"
    "賜賞賠賢質賴賺購贈贊贏趕趙跡踐躍軌軟較載輔輕輛輝輩輪輯輸轉轟辦辭邊遞遠適遲選遺遼鄉鄧鄭鄰醫醬釀釋針釘鈴鉛銀銅銷鋁"
    "鋒鋪鋼錄錢錦錯鍋鍵鎖鎮鏡鐘鐵鑒鑰閃閉閑閒閣閱闆闖陣陰陳陸陽隊階際隨險隱隻難雞雲霧靈靜頁頂項順須預領頭頻題額顏願顧"
    "顯飯飲飽餅養餓餘館駐駕騎騙騰驅驗驚體鬆鬥鬧魯鮮鯨鳳鳴鴨鵝鷹麗麥黃點黨齊齒龍龜麵製著裏臺檯週併並佈係囉徵恥慾憶歎滾"
    "漿爲皺礦艷華葉蓋蔣藍衹訝誌諾譜賭運達違連進遊郵釣銳鑽雖韓響頗飄駛鹽劉吳蕭鄒爾彌曬灑燭獵祕穀竊籌糞紛紮絡絨綁綜縫繳"
    "翹聾膩臨莊莖蘋蘿蝕蠟蠶襪誼諒諷謙謹讚豔賽輿辯鏟閘闊陝頑頸顆飼饑駁駱髒髮鮑鴿齡萬"
)
_SIMPLIFIED = (
    "这们个来时说为会国学对开关过还后没么样发经现问间话东长门见车马鱼鸟风飞电书买卖读写听讲语请谢让认识谁课谈论试词诗"
    "诉该调证评议记许设访计讨训托误诚诞详译护变声闻联职聪脑脸脏旧兴与举义习圣种积稳穷竞笔节范简篮笼粮纪约红级纳纯纸细"
    "终组结给统绝丝绿维网线练紧县总绩织续继罚罢罗亿价伤传债倾仅优偿尽儿内两册军农冻凯别创划剧剂劲动务胜劳势励劝区协却"
    "厂厉参双员启单丧吗呜叹尝喷吓严园围圆图团执场块尘垫坟压坏壮壶寿够梦夹奥夺奋妆娱妇妈婴孙宁宝实宽审导将专寻层属岛岭"
    "岳币帮带帐干几库厕厢厨庙废广厅张强弹弯汇从复彻恒恶恼爱态惨惯虑庆忧怜凭宪应怀悬懒恋战戏户抛挟舍扫挂采换挥损摇抢撑"
    "拨拥择击挡担据挤拟扩摆扰携摄摊败叙敌数断于升晋晓暂历术朴机杀杂权条杨极构枪乐楼标树桥横档检柜栏欧欢岁历归残壳毁气"
    "污决况泪净浅减测浑凑汤沟准灭渗满渔汉涨渐洁潜润泽浓济涛滥滨湾灾乌无烟烦热灯烧营灿炉烂争爷墙牵牺状狭狱狮奖独获兽献"
    "玛环产亩毕画异当叠疯疗痒盗盏尽监盘卢众困了瞩础码确砖碍礼祸禅离称税窝窜笋筑签签类纠绪编缓缘缩纵绕绳绘系骂耸肃肿脚"
    "肠肤胶胆舱舰艰艺苏药兰处虚号虾虫卫冲补装里复裤视亲觉览观规触讯注诊询夸谓谎谜丰猫贝负财贡贫货贩贪责贵费贴贸贺资宾"
    "赐赏赔贤质赖赚购赠赞赢赶赵迹践跃轨软较载辅轻辆辉辈轮辑输转轰办辞边递远适迟选遗辽乡邓郑邻医酱酿释针钉铃铅银铜销铝"
    "锋铺钢录钱锦错锅键锁镇镜钟铁鉴钥闪闭闲闲阁阅板闯阵阴陈陆阳队阶际随险隐只难鸡云雾灵静页顶项顺须预领头频题额颜愿顾"
    "显饭饮饱饼养饿余馆驻驾骑骗腾驱验惊体松斗闹鲁鲜鲸凤鸣鸭鹅鹰丽麦黄点党齐齿龙龟面制着里台台周并并布系啰征耻欲忆叹滚"
    "浆为皱矿艳华叶盖蒋蓝只讶志诺谱赌运达违连进游邮钓锐钻虽韩响颇飘驶盐刘吴萧邹尔弥晒洒烛猎秘谷窃筹粪纷扎络绒绑综缝缴"
    "翘聋腻临庄茎苹萝蚀蜡蚕袜谊谅讽谦谨赞艳赛舆辩铲闸阔陕顽颈颗饲饥驳骆脏发鲍鸽龄万"
)

SIMPLIFIED: dict[str, str] = dict(zip(_TRADITIONAL, _SIMPLIFIED, strict=True))
"""The simplified character of each traditional one; Whisper writes either, whichever the transcript has."""

_DIGITS = {"〇": 0, "零": 0, "两": 2, "兩": 2} | {digit: at for at, digit in enumerate("一二三四五六七八九", start=1)}
_UNITS = {"十": 10, "百": 100, "千": 1_000}
_MYRIADS = {"万": 10_000, "萬": 10_000}
_MYRIAD_MYRIADS = {"亿": 100_000_000, "億": 100_000_000}
_MULTIPLIERS = _UNITS | _MYRIADS | _MYRIAD_MYRIADS
_LONGEST = 30  # characters; longer runs are not numbers

NUMERALS = "".join((*_DIGITS, *_MULTIPLIERS))
"""The characters that a number is written with."""

_NUMBER = regex.compile(rf"[0-9{NUMERALS}]++")


def numbers_to_digits(text: str) -> str:
    """Write the numbers in a Chinese or Japanese text with digits; a run without a digit (``百``) stays.

    >>> [numbers_to_digits(text) for text in ("二〇二四年", "三百五十", "3万", "十二个")]
    ['2024年', '350', '30000', '12个']
    """
    return _NUMBER.sub(lambda found: _digits(found[0]), text)


def _digits(run: str) -> str:
    is_number = any(character.isdecimal() or character in _DIGITS for character in run.replace("十", "1"))
    if run.isascii() or not is_number or len(run) > _LONGEST:
        return run
    if not any(character in _MULTIPLIERS for character in run):
        return "".join(str(_DIGITS.get(character, character)) for character in run)
    return str(_value(run))


def _value(run: str) -> int:
    """Return the value of a number in words: digits, then tens to thousands, then multiples of 10,000."""
    total = section = number = 0
    for character in run:
        if character in _UNITS:
            section, number = section + (number or 1) * _UNITS[character], 0
        elif character in _MYRIADS:
            total, section, number = total + (section + number) * _MYRIADS[character], 0, 0
        elif character in _MYRIAD_MYRIADS:
            total, section, number = (total + section + number) * _MYRIAD_MYRIADS[character], 0, 0
        else:
            number = 10 * number + _DIGITS.get(character, ord(character) - ord("0"))
    return total + section + number
