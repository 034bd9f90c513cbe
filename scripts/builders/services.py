"""The service systems of the programme, in both languages."""

# ruff: noqa: E501 (a phrase and its translation stand on one line)

from __future__ import annotations

import pandas as pd

from builders.common import Builder, Sources, read_text_table
from builders.roads import coded

# counted again here: rows that a list holds but no layer counts are set apart (excluded.csv)
ROWS_HELD = {
    "學生輔導諮商中心": "13",
    "就業服務, 青年職涯發展中心": "0",
    "司法精神病房, 司法精神醫院": "1",
}
COMPLETENESS = {"學生輔導諮商中心": "13 of 22", "司法精神病房, 司法精神醫院": "one name only"}

NATURE_ZH = {
    "assigned by township": "依鄉鎮市區指派",
    "assigned inside the county": "縣市內指派",
    "referred, daily attendance": "轉介，日間前往",
    "chosen": "民眾自選",
    "referred, regional": "轉介，區域性",
    "county office, case managers": "縣市單一窗口，個案管理",
    "referred, attends": "轉介，前往使用",
    "nobody travels there": "民眾不需前往",
    "county office": "縣市單一窗口",
    "goes to people": "到府服務",
    "by court order": "法院裁定",
    "protected": "保密處所",
    "referred": "轉介",
    "no place": "無據點",
    "-": "－",
}
COMPLETENESS_ZH = {
    "near complete, 2023-04": "近完整，112年4月",
    "partial": "部分",
    "three counties complete": "三縣市完整",
    "names only": "僅有名稱",
    "one name only": "僅有一名稱",
    "complete, 22 counties": "完整，22 縣市",
    "none": "無",
    "Taipei only": "僅臺北市",
    "10 of 22 counties": "22 縣市中 10 縣市",
    "16 of 22": "22 縣市中 16 處",
    "13 of 22": "22 縣市中 13 處",
    "11 of 22": "22 縣市中 11 處",
    "list of the counties": "縣市列冊",
    "complete": "完整",
    "no data, said so": "無資料，已註明",
    "press": "新聞報導",
    "-": "－",
}
FIGURE_ZH = {
    "158 (156 in phase 2, 154 in phase 1)": "158（第二期 156、第一期 154）",
    "101 (71 or 77 in phase 2)": "101（第二期 71 或 77）",
    "83 (49 in phase 2, 4 before)": "83（第二期 49、之前 4）",
    "368": "368",
    "10 (7 in 109; press 12 in 2025)": "10（109年 7；114年新聞 12）",
    "case-management coverage 100 %": "個管涵蓋率 100%",
    "coverage 57 % (42 %)": "涵蓋率 57%（原 42%）",
    "coverage 100 %": "涵蓋率 100%",
    "98 % within 24 hours": "24 小時內 98%",
    "repeat-report rate under 7 %": "再通報率低於 7%",
    "126 staff": "126 人",
    "5 career centres; placement 78.5 to 80.5 %": "職涯中心 5 處；推介就業率 78.5 至 80.5%",
    "95 % served": "服務提供率 95%",
    "1 county (111), 2 (113)": "1 縣市（111年）、2 縣市（113年）",
    "6 wards, 1 hospital": "病房 6 處、醫院 1 處",
    "institution share 49.8 %": "機構安置比率 49.8%",
    "50 transition meetings by 114": "114年前轉銜會議 50 場次",
    "80 % reached": "觸及率 80%",
    "over 60,000 people, 50 %": "逾 6 萬人，50%",
    "85 % (114), 86.5 to 89 % (115-119)": "85%（114年）、86.5 至 89%（115至119年）",
    "see programme.csv": "見計畫數據",
    "97 to 98 %": "97 至 98%",
    "7,797 (114), 9,125 (119); 1,528 or 1,328 more": "7,797（114年）、9,125（119年）；增 1,528 或 1,328",
    "50, 60, 70, 80, 90 %": "50、60、70、80、90%",
    "40/20/20/10/10; hiring under 85 % fails; +5, -10 points": "40/20/20/10/10；進用率未達 85% 視為未達標；＋5、－10 個百分點",
    "1 per 7 workers": "每 7 名社工 1 名",
    "-": "－",
}
HELD_ZH = {
    "155 + 2 branches": "155 處＋2 分站",
    "60 (72 reported)": "60（通報 72）",
    "lone elders by township, 2021": "獨居老人（鄉鎮市區，110年）",
    "births and under 2 by township": "出生數及未滿 2 歲人口（鄉鎮市區）",
    "table 1": "表 1",
    "tiers 115-117": "115至117年級次",
    "-": "－",
}
USE_ZH = {
    "layer, siting": "圖層、選址",
    "layer when a list is brought; counts by region": "取得清單後成為圖層；依區域計數",
    "layer with minutes": "圖層，計算車程",
    "build-out coverage (share of townships with a site) when a county brings a list": "縣市提供清單後計算布建涵蓋率（有據點之鄉鎮市區比率）",
    "build-out coverage; layer where listed": "布建涵蓋率；有清單處成為圖層",
    "county attribute, not mapped": "縣市屬性，不上圖",
    "layer, 'list silent' elsewhere; shelters never": "圖層，其餘縣市標示清單未載；庇護所一律不上圖",
    "layer, 'list silent' elsewhere": "圖層，其餘縣市標示清單未載",
    "layer when a list is brought": "取得清單後成為圖層",
    "layer when a list is brought; matters most for mountain townships": "取得清單後成為圖層；對山地鄉最為重要",
    "county attribute": "縣市屬性",
    "programme table; not mapped, not a walk-in service": "計畫數據表；非民眾自行前往之服務，不上圖",
    "programme table; never mapped": "計畫數據表；一律不上圖",
    "programme table": "計畫數據表",
    "need profile": "需求輪廓",
    "target group of food banks when data come": "取得資料後作為實物銀行服務對象",
    "KPI table": "績效指標表",
    "staffing table, contradiction shown": "人力表，並列歧異",
    "programme, phasing shares": "計畫數據、分年比率",
    "programme page; build-out rate from our counts": "計畫頁；布建率依本資料計算",
    "programme page": "計畫頁",
}


def services(sources: Sources) -> pd.DataFrame:
    """Every service system of the programme, what is held of it and what is done with it."""
    raw = read_text_table(sources["services.csv"])
    names = raw["service_zh"]
    completeness = names.map(COMPLETENESS).fillna(raw["completeness"])
    held = names.map(ROWS_HELD).fillna(raw["rows_held"])
    return pd.DataFrame(
        {
            "service_id": [f"S{number:02d}" for number in range(1, len(raw) + 1)],
            "service_zh": names.str.replace(", ", "、"),
            "service_en": raw["service_en"],
            "nature": raw["nature"],
            "nature_zh": coded(raw["nature"], NATURE_ZH),
            "figure": raw["figure"],
            "figure_zh": coded(raw["figure"], FIGURE_ZH),
            "year_roc": raw["year_roc"],
            "documents": raw["seed"],
            "rows_held": held,
            "rows_held_zh": held.map(HELD_ZH).fillna(held),
            "completeness": completeness,
            "completeness_zh": coded(completeness, COMPLETENESS_ZH),
            "what_geoplan_does": raw["what_geoplan_does"],
            "what_geoplan_does_zh": coded(raw["what_geoplan_does"], USE_ZH),
        }
    )


BUILDERS: dict[str, Builder] = {"programme/services.csv": services}
