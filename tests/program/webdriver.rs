//! A headless Chromium, driven by `WebDriver` on loopback.

use std::io::{BufRead as _, BufReader, Write as _};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::process::wait_until;

/// Seconds after which a request is given up.
const PATIENCE_S: u64 = 60;

/// What Chromium is started with: nothing that talks to a network.
const FLAGS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
];

/// At most this many browsers run: Chromium starts more slowly than most tests run, and keeps more
/// than one core busy.
const MOST_BROWSERS: usize = 2;

/// The browsers, which tests share.
static BROWSERS: Mutex<Browsers> =
    Mutex::new(Browsers { idle: Vec::new(), in_use: 0, awaited_by: 0 });

/// Notified when a test is done with its browser.
static GIVEN_BACK: Condvar = Condvar::new();

struct Browsers {
    idle: Vec<Session>,
    in_use: usize,
    /// Tests that wait for one.
    awaited_by: usize,
}

impl Browsers {
    fn lock() -> MutexGuard<'static, Self> {
        BROWSERS.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One browser with one window, for one test at a time. Idle ones are ended when no test uses or
/// awaits one.
pub(crate) struct Browser(Option<Session>);

impl Browser {
    /// One as if it had just been started. `None`, said loudly, where there is no chromedriver;
    /// where `CI` is set that is a failure.
    pub(crate) fn start() -> Option<Self> {
        let mut browsers = Browsers::lock();
        browsers.awaited_by += 1;
        browsers = GIVEN_BACK
            .wait_while(browsers, |browsers| browsers.in_use == MOST_BROWSERS)
            .unwrap_or_else(PoisonError::into_inner);
        browsers.awaited_by -= 1;
        browsers.in_use += 1;
        let mut browser = Self(browsers.idle.pop());
        drop(browsers);
        match &browser.0 {
            Some(session) => session.forget(),
            None => browser.0 = Some(Session::start()?),
        }
        Some(browser)
    }
}

impl Deref for Browser {
    type Target = Session;

    fn deref(&self) -> &Session {
        self.0.as_ref().expect("it is there until it is dropped")
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // A test that failed may have left it in any state.
        let usable = self.0.take().filter(|_| !std::thread::panicking());
        let mut browsers = Browsers::lock();
        browsers.in_use -= 1;
        browsers.idle.extend(usable);
        let is_last = browsers.in_use + browsers.awaited_by == 0;
        let ended = if is_last { std::mem::take(&mut browsers.idle) } else { Vec::new() };
        drop(browsers);
        GIVEN_BACK.notify_one();
        drop(ended);
    }
}

/// A process of Chromium and its driver; they end with this value.
pub(crate) struct Session {
    driver: Child,
    url: String,
    _profile: TempDir,
}

impl Session {
    fn start() -> Option<Self> {
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        match command.spawn() {
            Ok(driver) => Some(Self::with(driver)),
            Err(error) => {
                assert!(std::env::var_os("CI").is_none(), "chromedriver is required here: {error}");
                let warning = "SKIPPED: no chromedriver, so nothing was drawn in a browser\n";
                // Written directly, because the test harness keeps what `eprintln!` says to itself.
                std::io::stderr().write_all(warning.as_bytes()).unwrap();
                None
            }
        }
    }

    fn with(mut driver: Child) -> Self {
        let port = port_of(&mut driver);
        let profile = tempfile::tempdir().unwrap();
        let data = format!("--user-data-dir={}", profile.path().display());
        let arguments: Vec<_> = FLAGS.into_iter().chain([data.as_str()]).collect();
        let mut options = json!({ "args": arguments });
        if let Some(chromium) = in_path("chromium") {
            options["binary"] = json!(chromium);
        }
        let capabilities = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": { "performance": "ALL", "browser": "ALL" },
        } } });
        let server = format!("http://127.0.0.1:{port}/session");
        let opened = post(&server, &capabilities);
        let id = opened["sessionId"].as_str().unwrap_or_else(|| panic!("no session: {opened}"));
        let session = Self { driver, url: format!("{server}/{id}"), _profile: profile };
        // Away from Chromium's own first page, which asks for its own parts.
        session.command("url", &json!({ "url": "about:blank" }));
        // A window without a screen may never get the focus by itself.
        session.devtools("Emulation.setFocusEmulationEnabled", &json!({ "enabled": true }));
        session
    }

    /// Leaves the page of the test before, what it emulated, the place of its pointer, and its logs.
    fn forget(&self) {
        self.command("url", &json!({ "url": "about:blank" }));
        self.devtools("Emulation.setEmulatedMedia", &json!({ "media": "", "features": [] }));
        self.point_at(0.0, 0.0);
        self.requests();
        self.console();
    }

    fn command(&self, command: &str, body: &Value) -> Value {
        post(&format!("{}/{command}", self.url), body)
    }

    /// Opens a file in a window of this size, in CSS pixels.
    pub(crate) fn open(&self, path: &Path, width: u32, height: u32) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", &size);
        self.command("url", &json!({ "url": url_of(path) }));
        // The driver's own wait can end before a page of some length was read whole.
        let is_read = format!(
            "return decodeURI(location.pathname) === {} && document.readyState === 'complete'",
            json!(path)
        );
        assert!(wait_until(|| self.run(&is_read) == json!(true)), "{}: not read", path.display());
    }

    /// What a function body returns in the page.
    pub(crate) fn run(&self, script: &str) -> Value {
        self.command("execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Emulates a medium and a preferred scheme of colours.
    pub(crate) fn prefer(&self, medium: &str, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        let media = json!({ "media": medium, "features": features });
        self.devtools("Emulation.setEmulatedMedia", &media);
    }

    pub(crate) fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.command("goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    /// Moves the pointer to a place in the window.
    pub(crate) fn point_at(&self, x: f64, y: f64) {
        let moves =
            json!([{ "type": "pointerMove", "duration": 0, "x": x.round(), "y": y.round() }]);
        let pointer = json!({ "type": "pointer", "id": "mouse", "actions": moves });
        self.command("actions", &json!({ "actions": [pointer] }));
    }

    /// Presses a key; the special ones have numbers of their own (`WebDriver`, section 17.4.2).
    pub(crate) fn press(&self, key: char) {
        let strokes = json!([
            { "type": "keyDown", "value": key.to_string() },
            { "type": "keyUp", "value": key.to_string() },
        ]);
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": strokes });
        self.command("actions", &json!({ "actions": [keyboard] }));
    }

    /// The addresses that were asked for since the last call, the pages' own among them.
    pub(crate) fn requests(&self) -> Vec<String> {
        let log = self.command("se/log", &json!({ "type": "performance" }));
        let messages = log.as_array().unwrap().iter().map(|entry| {
            let message = entry["message"].as_str().unwrap();
            serde_json::from_str::<Value>(message).unwrap()["message"].clone()
        });
        messages
            .filter(|message| message["method"] == "Network.requestWillBeSent")
            .map(|message| message["params"]["request"]["url"].as_str().unwrap().to_owned())
            .collect()
    }

    /// What the console said since the last call.
    pub(crate) fn console(&self) -> Vec<String> {
        let log = self.command("se/log", &json!({ "type": "browser" }));
        log.as_array().unwrap().iter().map(Value::to_string).collect()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // The browser ends with its session, and the driver after it.
        let _ = minreq::delete(&self.url).with_timeout(PATIENCE_S).send();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

pub(crate) fn url_of(path: &Path) -> String {
    format!("file://{}", path.display())
}

/// The port that the driver chose.
fn port_of(driver: &mut Child) -> u16 {
    let lines = BufReader::new(driver.stdout.take().unwrap()).lines();
    let port = |line: &str| {
        let (_, rest) = line.split_once("successfully on port ")?;
        rest.trim_end_matches('.').parse().ok()
    };
    let mut lines = lines.map_while(Result::ok);
    lines.find_map(|line| port(&line)).expect("chromedriver says its port")
}

fn in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|it| it.join(name)).find(|it| it.is_file())
}

#[track_caller]
fn post(url: &str, body: &Value) -> Value {
    let request = minreq::post(url).with_timeout(PATIENCE_S).with_body(body.to_string());
    let response = request.send().unwrap_or_else(|error| panic!("{url}: {error}"));
    let answer: Value = serde_json::from_slice(response.as_bytes()).unwrap();
    assert_eq!(response.status_code, 200, "{url}: {answer}");
    answer["value"].clone()
}
