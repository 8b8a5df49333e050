"""Browsers that are started once and used by one test after the other, which finds nothing of the one before."""
from selenium.common.exceptions import WebDriverException

from window import chromium


class Browsers:
    def __init__(self):
        self.idle, self.kinds = {}, {}

    def take(self, **options):
        """A browser with these options that nobody has."""
        kind = repr(sorted(options.items()))
        waiting = self.idle.setdefault(kind, [])
        driver = waiting.pop() if waiting else chromium(**options)
        self.kinds[driver] = kind
        return driver

    def put_back(self, driver):
        kind = self.kinds.pop(driver)
        try:
            forget(driver)
        except WebDriverException:
            return driver.quit()
        self.idle[kind].append(driver)

    def quit(self):
        for driver in [*self.kinds, *(driver for waiting in self.idle.values() for driver in waiting)]:
            driver.quit()


def forget(driver):
    """Leaves one empty tab, which has no history and no sizes or clocks but the browser's own, no cookies and no logs."""
    before = driver.window_handles
    driver.switch_to.new_window("tab")
    fresh = driver.current_window_handle
    for handle in before:
        driver.switch_to.window(handle)
        driver.close()
    driver.switch_to.window(fresh)
    driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
    for log in driver.log_types:
        driver.get_log(log)
