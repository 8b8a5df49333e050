"""The same window for hands that have no mouse: everything is reached by Tab, arrows, Space and Enter."""
from selenium.webdriver.common.keys import Keys

from window import Window

ENOUGH = 150


class KeyboardWindow(Window):
    @property
    def focused(self):
        return self.driver.switch_to.active_element

    def tab_to(self, matches):
        """Presses Tab until what has the focus is what `matches` wants."""
        for _ in range(ENOUGH):
            if matches(self.focused):
                return self.focused
            self.focused.send_keys(Keys.TAB)
        raise AssertionError(f"not reached by {ENOUGH} tabs at {self.path}")

    def fill(self, **values):
        for name, value in values.items():
            name = name.replace("__", "/")
            field = self.tab_to(lambda element: element.get_attribute("name") == name)
            self.assert_focus_is_seen(field)
            kind = field.get_attribute("type")
            if kind == "radio":
                self.choose(name, value)
            elif kind == "checkbox":
                if field.is_selected() != value:
                    field.send_keys(Keys.SPACE)
            elif field.tag_name == "select":
                self.select(field, value)
            else:
                field.send_keys(Keys.CONTROL, "a")
                field.send_keys(Keys.DELETE, value)
        return self

    def choose(self, name, value):
        """Goes through the radio buttons of a group by the arrow."""
        for _ in range(10):
            if self.focused.get_attribute("value") == value:
                return self.focused.send_keys(Keys.SPACE)
            self.focused.send_keys(Keys.ARROW_DOWN)
        raise AssertionError(f"{name} offers no {value}")

    def select(self, field, value):
        for key in [Keys.HOME] + [Keys.ARROW_DOWN] * 50:
            if field.get_attribute("value") == value:
                return
            field.send_keys(key)
        raise AssertionError(f"{field.get_attribute('name')} offers no {value}")

    def press(self, text, within=None):
        target = self.tab_to(lambda element: element.tag_name in ("a", "button") and element.text.strip() == text)
        self.assert_focus_is_seen(target)
        self.leave(lambda: target.send_keys(Keys.ENTER))
        return self

    def assert_focus_is_seen(self, element):
        width = self.driver.execute_script("return getComputedStyle(arguments[0]).outlineWidth", element)
        assert width != "0px", f"the focus is not seen on {element.get_attribute('outerHTML')[:200]} at {self.path}"
