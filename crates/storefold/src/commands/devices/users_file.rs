//! The file with the users of a NATS account: services, which people write, and devices, which this program does.

use std::{fs, io::Write, path::Path};

use anyhow::{Context, Result};
use storefold_event_log::Tenant;
use tempfile::NamedTempFile;

/// The line that the devices stand behind, up to the end of the list.
const MARK: &str = "# Devices, one a line, written by `storefold devices`:";

/// Such a file.
pub struct UsersFile {
    /// All up to the mark, and it.
    head: String,
    /// The devices in the order they are written.
    pub devices: Vec<Device>,
}

/// A device that may sign in.
pub struct Device {
    /// The source of its events.
    pub name: String,
    /// What bcrypt makes of its password.
    pub password_hash: String,
}

impl UsersFile {
    /// Reads a file.
    ///
    /// # Errors
    /// When it has no place for devices; the message names a file that has.
    pub fn read(path: &Path) -> Result<Self> {
        let shown = path.display();
        let text = fs::read_to_string(path)
            .with_context(|| format!("{shown} cannot be read; begin with a copy of deploy/nats/users.conf"))?;
        let end = text.find(MARK).map(|start| start + MARK.len());
        let end = end.with_context(|| format!("{shown} has no line `{MARK}`; take deploy/nats/users.conf as it is"))?;
        let (head, rest) = text.split_at(end);
        let mut devices = Vec::new();
        for line in rest.lines().map(str::trim).filter(|line| !line.is_empty() && *line != "]") {
            let mut quoted = line.split('"').skip(1).step_by(2);
            let device = line.starts_with("{ user: \"").then(|| (quoted.next(), quoted.next()));
            let Some((Some(name), Some(hash))) = device else {
                anyhow::bail!("{shown} has a line among its devices that is none: {line}");
            };
            devices.push(Device { name: name.to_owned(), password_hash: hash.to_owned() });
        }
        Ok(Self { head: head.to_owned(), devices })
    }

    /// Whether a name is that of a service.
    pub fn serves(&self, name: &str) -> bool {
        let users = self.head.split("user:").skip(1);
        users.filter_map(|rest| rest.trim_start().split([',', ' ', '}', '\n']).next()).any(|user| user == name)
    }

    /// Exchanges the file for one with these devices, whole or not at all.
    pub fn write(&self, path: &Path, tenant: &Tenant) -> Result<()> {
        let beside = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let written = (|| {
            let mut new = NamedTempFile::new_in(beside)?;
            writeln!(new, "{}", self.head)?;
            for device in &self.devices {
                writeln!(new, "    {}", line(device, tenant))?;
            }
            writeln!(new, "]")?;
            // The server runs as somebody else, who could read the file so far.
            new.as_file().set_permissions(fs::metadata(path)?.permissions())?;
            new.as_file().sync_all()?;
            new.persist(path)?;
            Ok::<_, anyhow::Error>(())
        })();
        written.with_context(|| format!("{} cannot be written", path.display()))
    }
}

/// A device may publish to its own subject, and hear what the server answers to that. MQTT writes a `.` of a topic as `//`.
fn line(Device { name, password_hash }: &Device, tenant: &Tenant) -> String {
    let subject = |name: &str| format!("\"storefold.in.{tenant}.{name}\"");
    let mut publish = subject(name);
    if name.contains('.') {
        publish = format!("[{publish}, {}]", subject(&name.replace('.', "//")));
    }
    format!(
        "{{ user: \"{name}\", password: \"{password_hash}\", permissions: {{ publish: {publish}, subscribe: \"_INBOX_{name}.>\" }} }}"
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn what_people_wrote_stays_and_devices_are_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("users.conf");
        let head = format!("users: [\n    {{ user: office, password: $P }}\n    {MARK}\n");
        fs::write(&path, format!("{head}]\n")).unwrap();
        let mut file = UsersFile::read(&path).unwrap();
        assert!(file.devices.is_empty() && file.serves("office") && !file.serves("off"));
        for (name, hash) in [("scanner-7", "$2b$04$abc"), ("left.7", "$2b$04$def")] {
            file.devices.push(Device { name: name.to_owned(), password_hash: hash.to_owned() });
        }
        file.write(&path, &Tenant::new("acme").unwrap()).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(
            text,
            head + "    { user: \"scanner-7\", password: \"$2b$04$abc\", permissions: { publish: \"storefold.in.acme.scanner-7\", subscribe: \"_INBOX_scanner-7.>\" } }\n    \
             { user: \"left.7\", password: \"$2b$04$def\", permissions: { publish: [\"storefold.in.acme.left.7\", \"storefold.in.acme.left//7\"], subscribe: \"_INBOX_left.7.>\" } }\n]\n"
        );
        let again = UsersFile::read(&path).unwrap();
        let read: Vec<_> = again.devices.iter().map(|device| (&device.name[..], &device.password_hash[..])).collect();
        assert_eq!(read, [("scanner-7", "$2b$04$abc"), ("left.7", "$2b$04$def")]);
        fs::write(&path, "users: []\n").unwrap();
        assert!(format!("{:#}", UsersFile::read(&path).err().unwrap()).contains("deploy/nats/users.conf"));
    }
}
