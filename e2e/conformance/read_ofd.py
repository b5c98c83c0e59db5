"""Reads an OFD with easyofd, draws it, and prints the words that it found: {"parsed": …, "drawn": …}."""

import json
import sys

import pymupdf
from loguru import logger
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont

from easyofd.ofd import OFD

logger.remove()
out, sys.stdout = sys.stdout, sys.stderr

# easyofd draws every word in a typeface of this name and expects that somebody has registered it.
song = UnicodeCIDFont("STSong-Light")
song.name = song.fontName = "宋体"
pdfmetrics.registerFont(song)

ofd = OFD()
ofd.read(sys.argv[1], fmt="path")
pages = [page for document in ofd.data for _, page in sorted(document["page_info"].items())]
parsed = [line["text"] for page in pages for line in page["text_list"]]
with pymupdf.open(stream=ofd.to_pdf(), filetype="pdf") as pdf:
    drawn = [page.get_text() for page in pdf]
json.dump({"parsed": parsed, "drawn": "".join(drawn)}, out, ensure_ascii=False)
