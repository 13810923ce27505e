"""The table of By code, read from its page."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit


def lines(page):
    """Code, or group -> its cells as text, from the page's table."""
    found = {}
    body = page.split('class="codes-table"')[1].split("<tbody>")[1].split("</tbody>")[0]
    for row in re.findall(r"<tr>.*?</tr>", body, re.DOTALL):
        name = unescape(re.search(r'class="code"[^>]*>([^<]*)<', row)[1])
        row = re.sub(r'<span class="out-of-sight">.*?</span>', "", row)
        cells = re.findall(r"<td.*?</td>", row, re.DOTALL)
        found[name] = [unescape(re.sub(r"<[^>]+>", " ", cell)).split() for cell in cells]
    return found


def counted_links(page):
    """(query of the address, count) of every count that leads to notes."""
    found = []
    for href, text in re.findall(
        r'<a href="([^"]*/results/notes/[^"]*)"[^>]*>(.*?)</a>', page, re.DOTALL
    ):
        words = re.sub(r'<span class="out-of-sight">.*?</span>', "", text).strip()
        count = re.search(r"(\d+)\)?$", words) or re.search(r"^(\d+) notes?$", words)
        query = {key: values[0] for key, values in parse_qs(urlsplit(unescape(href)).query).items()}
        if count and query.get("of"):
            found.append((query, int(count[1])))
    return found
