"""What must hold on every page, however one has come to it."""
import re

from selenium.webdriver.common.by import By

from window import NARROW, WIDE

CHINESE = re.compile(r"[\u4e00-\u9fff]")
# A key that has no words says itself.
KEY = re.compile(r"\b[a-z]+[A-Za-z]*\.[a-z][A-Za-z.]*[A-Z][A-Za-z]*\b")
PICTURED = ((WIDE, "light"), (NARROW, "dark"))
# 200 % of a window of 1280 are 640 pixels of the page's.
OTHERS = ((640, 450), (1600, 1000))


def faults(window, name):
    """What is wrong with the page that is open, a line each. Pictures of it are taken."""
    wrong = []
    for size, scheme in PICTURED:
        window.resize(size)
        window.prefer(scheme)
        wrong += [f"{name} {size[0]} {scheme}: {violation}" for violation in window.violations()]
        if window.overflows():
            wrong.append(f"{name} is wider than {size[0]}")
        window.shot(f"{name}-{size[0]}")
    for size in OTHERS:
        window.resize(size)
        if window.overflows():
            wrong.append(f"{name} is wider than {size[0]}")
    window.resize(WIDE)
    window.prefer("light")
    if len(window.all("main h1")) != 1:
        wrong.append(f"{name} has {len(window.all('main h1'))} headings of the first level")
    if len(window.driver.page_source.encode()) > 50_000:
        wrong.append(f"{name} has {len(window.driver.page_source)} bytes")
    wrong += [f"{name}: a switch of languages that sends nothing" for button in window.all(".languages button")
              if not button.get_property("form")]
    return wrong + [f"{name}: {complaint}" for complaint in window.complaints()]


def untranslated(window, name):
    """What a Chinese page says in no Chinese. (Headings may be names that somebody gave.)"""
    wrong = [] if window.one("html").get_attribute("lang") == "zh-Hans" else [f"{name} is not Chinese"]
    wrong += [f"{name}: {key}" for key in KEY.findall(window.driver.find_element(By.TAG_NAME, "body").text)]
    shown = [element.text for element in window.all("main button, main h2") if element.is_displayed()]
    wrong += [f"{name}: '{text}'" for text in shown if text and not CHINESE.search(text) and re.search("[a-z]{3}", text)]
    return wrong


def unsafe(name, fields, page):
    """What a browser is not told of a page that it must be, and what stands in it that must not."""
    policy = fields.get("Content-Security-Policy", "")
    wrong = []
    if fields.get("Cache-Control") != "no-store":
        wrong.append(f"{name} is kept: {fields.get('Cache-Control')}")
    if not ("default-src 'none'" in policy and "frame-ancestors 'none'" in policy) or "unsafe" in policy or "http" in policy:
        wrong.append(f"{name} may load or be framed: {policy}")
    if re.search(r"(?i)<[^>]*\son[a-z]+\s*=|<style|\sstyle\s*=|href=\"javascript:", page):
        wrong.append(f"{name} has scripts or styles in it")
    loaded = re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=\"([^\"]*)\"", page)
    wrong += [f"{name} loads {source}" for source in loaded if not source.startswith("/assets/")]
    return wrong
