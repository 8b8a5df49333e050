"""A browser's window, driven by what a person sees: labels, what buttons and links say, headings."""
import json, os, pathlib

import axe_playwright_python
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

from installation import PASSWORD

AXE = (pathlib.Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SHOTS = pathlib.Path(os.environ.get("LATCHKEY_SCREENSHOTS", ".build/screenshots"))
WIDE, NARROW = (1280, 900), (360, 780)


def chromium(language="en", javascript=True, arguments=(), hears=False):
    """A browser of its own: its cookies and windows are nobody else's. One that `hears` knows what it is answered."""
    options = webdriver.ChromeOptions()
    options.binary_location = os.environ.get("LATCHKEY_CHROMIUM", "/usr/bin/chromium")
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", f"--lang={language}", *arguments):
        options.add_argument(argument)
    preferences = {"intl.accept_languages": language}
    if not javascript:
        preferences["profile.managed_default_content_settings.javascript"] = 2
    options.add_experimental_option("prefs", preferences)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"} | ({"performance": "ALL"} if hears else {}))
    service = webdriver.ChromeService(os.environ.get("LATCHKEY_CHROMEDRIVER", "/usr/bin/chromedriver"))
    return webdriver.Chrome(options=options, service=service)


class Fields(dict):
    """An answer's fields, found by their names in whatever case."""

    def __init__(self, fields):
        super().__init__({name.lower(): value for name, value in fields.items()})

    def get(self, name, default=None):
        return super().get(name.lower(), default)


class Window:
    def __init__(self, driver, installation, size=WIDE):
        self.driver, self.installation = driver, installation
        self.origin = f"http://{installation.console}"
        self.resize(size)

    # Where it is, and what it shows.

    def resize(self, size):
        """The page's own width and height, whatever the window has around it."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            dict(width=size[0], height=size[1], deviceScaleFactor=1, mobile=False))

    def prefer(self, scheme):
        """`light` or `dark`, and nothing that is on its way from the one to the other."""
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", dict(features=[
                dict(name="prefers-color-scheme", value=scheme), dict(name="prefers-reduced-motion", value="reduce")]))

    def open(self, path):
        self.driver.get(self.origin + path)
        return self

    @property
    def path(self):
        return self.driver.current_url.removeprefix(self.origin)

    @property
    def heading(self):
        return self.driver.find_element(By.TAG_NAME, "h1").text

    @property
    def text(self):
        return self.driver.find_element(By.TAG_NAME, "main").text

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        found = self.all(selector)
        assert len(found) == 1, f"{len(found)} of {selector} at {self.path}"
        return found[0]

    def field(self, name):
        """The field of this name in the page's content."""
        found = self.all(f"main [name='{name}']:not([type=hidden])")
        assert len(found) == 1 or found and found[0].get_attribute("type") == "radio", f"{len(found)} of {name} at {self.path}"
        return found[0]

    def shot(self, name):
        """A picture of the whole page."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        height, width, before = self.driver.execute_script(
            "return [document.documentElement.scrollHeight, innerWidth, innerHeight]")
        self.resize((width, max(height, before)))
        # The folder was emptied before the tests: a name that is there already is another page's.
        with open(SHOTS / f"{name}.png", "xb") as picture:
            picture.write(self.driver.get_screenshot_as_png())
        self.resize((width, before))

    # What a person does.

    def fill(self, **values):
        """Types into fields by their names, where `__` is `/`; chooses, ticks and unticks where that is what they are for."""
        for name, value in values.items():
            field = self.field(name.replace("__", "/"))
            if field.tag_name == "select":
                Select(field).select_by_value(value)
            elif field.get_attribute("type") == "radio":
                self.one(f"main [name='{name.replace('__', '/')}'][value='{value}']").click()
            elif field.get_attribute("type") == "checkbox":
                if field.is_selected() != value:
                    field.click()
            elif field.get_attribute("type") == "datetime-local":
                self.driver.execute_script("arguments[0].value = arguments[1]", field, value)
            else:
                field.clear()
                field.send_keys(value)
        return self

    def press(self, text, within="main"):
        """Clicks the button or link in the page's content that says this; several must lead to the same."""
        found = [element for element in self.all(f"{within} button, {within} a")
                 if element.text.strip() == text and element.is_displayed()]
        assert len({element.get_attribute("href") or element.id for element in found}) == 1, f"{len(found)} of '{text}' at {self.path}: {self.text}"
        self.leave(found[0].click)
        return self

    def leave(self, action):
        """Does what leads to another page, and waits until that is there."""
        before = self.driver.find_element(By.TAG_NAME, "html")
        action()

        def is_there(driver):
            now = driver.find_element(By.TAG_NAME, "html")
            return now != before and driver.execute_script("return document.readyState") == "complete"

        WebDriverWait(self.driver, 60, poll_frequency=0.02, ignored_exceptions=(Exception,)).until(is_there)

    def sign_in_anew(self, tenant, email=None):
        """Signs in as a tenant's owner, or as somebody else of it, in whichever language: another session begins."""
        self.open("/sign-in").fill(tenant=tenant, email=email or f"owner@{tenant}.example", password=PASSWORD)
        self.leave(self.one("main button.primary").click)
        assert self.all("header .who"), f"not signed in: {self.text}"
        return self

    def sign_in(self, tenant, email=None):
        """The same where it is not about signing in: by the session that there is, if there is one."""
        return self.enter(self.installation.session(tenant, email)).open("/")

    def enter(self, token):
        """Goes on in a session that began elsewhere, by its token."""
        cookie = dict(name="latchkey-session", value=token, url=self.origin + "/", httpOnly=True, sameSite="Lax")
        self.driver.execute_cdp_cmd("Network.setCookie", cookie)
        return self

    def answers(self):
        """Status and fields of what was answered to the window itself since this was asked for last."""
        heard = []
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            parameters = message["params"]
            if parameters.get("type") != "Document":
                continue
            if message["method"] == "Network.requestWillBeSent" and "redirectResponse" in parameters:
                heard.append(parameters["redirectResponse"])
            if message["method"] == "Network.responseReceived":
                heard.append(parameters["response"])
        return [(answer["status"], Fields(answer["headers"])) for answer in heard]

    # What must hold on every page.

    def violations(self):
        """What axe finds against WCAG 2.2 AA, in a line each."""
        if not self.driver.execute_script("return 'axe' in window"):
            self.driver.execute_script(AXE)
        found = self.driver.execute_async_script("""
            const [rules, done] = arguments;
            const options = {runOnly: {type: "tag", values: rules}, resultTypes: ["violations"]};
            axe.run(options).then((results) => done(results.violations), (error) => done([{id: "axe", help: String(error), nodes: []}]))
            """, RULES)
        return [f"{rule['id']}: {rule['help']}: {[node['target'] for node in rule['nodes']]}" for rule in found]

    def overflows(self):
        """Whether the page is wider than its window, so that one would have to scroll sideways to read it."""
        return self.driver.execute_script("return document.documentElement.scrollWidth > innerWidth")

    def is_cut(self, element):
        """Whether one would have to push an element's content aside to read it."""
        return self.driver.execute_script("return arguments[0].scrollWidth > arguments[0].clientWidth", element)

    def complaints(self):
        """What the console of the browser has been told since this was asked for last, but for answers of 4xx to a form."""
        return [entry["message"] for entry in self.driver.get_log("browser")
                if "Failed to load resource" not in entry["message"]]
