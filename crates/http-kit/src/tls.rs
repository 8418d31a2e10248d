//! What the server shows of itself over TLS (1.2 and 1.3, RFC 5246 and 8446): a certificate and its key, read anew when
//! their files change, while connections go on.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, gauge::ConstGauge},
};
use thiserror::Error;
use tokio::{sync::Notify, time::timeout};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
        server::{ClientHello, ResolvesServerCert},
        sign::CertifiedKey,
    },
};
use x509_parser::{prelude::Validity, time::ASN1Time};

use crate::{Clock, Metrics};

/// How often the files are looked at; Kubernetes exchanges them without a signal.
const LOOKED_AT_EVERY: Duration = Duration::from_secs(5);

/// A certificate that ends within as long is worth a word.
const ENDS_SOON_S: i64 = 14 * 86_400;

/// Where certificate and key are, both in PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate of the server, followed by those that lead up to the authority.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

/// Why nothing can be shown.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{file} cannot be read ({error}); name a file that the account of the server may read")]
    Unreadable {
        /// The file.
        file: String,
        /// What the system says.
        error: io::Error,
    },
    /// It is no certificate.
    #[error("{file} holds no certificate in PEM ({why}); it begins with -----BEGIN CERTIFICATE-----")]
    NoCertificate {
        /// The file.
        file: String,
        /// What was found.
        why: String,
    },
    /// It is no key.
    #[error("{file} holds no private key in PEM that is read here ({why}); it has to be without a password")]
    NoKey {
        /// The file.
        file: String,
        /// What was found.
        why: String,
    },
    /// The key is of another certificate.
    #[error("the key in {key} is not that of the certificate in {certificate}; put both in their place together")]
    KeyOfAnother {
        /// The certificate's file.
        certificate: String,
        /// The key's file.
        key: String,
    },
    /// Its time is over.
    #[error("the certificate in {file} ended at {at}; get a new one of your authority")]
    Ended {
        /// The file.
        file: String,
        /// When.
        at: ASN1Time,
    },
    /// Its time has not come.
    #[error("the certificate in {file} holds from {at} on only; look at the clock of this machine")]
    NotYet {
        /// The file.
        file: String,
        /// When.
        at: ASN1Time,
    },
    /// What is spoken here cannot be.
    #[error("TLS cannot be spoken: {0}")]
    Protocol(#[from] rustls::Error),
}

/// What a server shows of itself.
pub struct ServerTls {
    files: TlsFiles,
    config: Arc<ServerConfig>,
    shown: Arc<Shown>,
    seen: Mutex<Seen>,
    asked: Notify,
}

/// The states of both files, by which a change is noticed.
type Seen = [Option<(SystemTime, u64)>; 2];

#[derive(Debug)]
struct Shown(RwLock<Read>);

#[derive(Clone, Debug)]
struct Read {
    certified: Arc<CertifiedKey>,
    ends_at_s: i64,
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner).certified))
    }
}

impl Shown {
    fn ends_at_s(&self) -> i64 {
        self.0.read().unwrap_or_else(PoisonError::into_inner).ends_at_s
    }
}

/// Tells when the certificate ends that is shown now.
#[derive(Debug)]
struct Ends(Arc<Shown>);

impl Collector for Ends {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let (name, help) =
            ("certificate_ends_timestamp_seconds", "When the certificate of the server ends, since 1970 UTC");
        ConstGauge::new(self.0.ends_at_s()).encode(encoder.encode_descriptor(name, help, None, MetricType::Gauge)?)
    }
}

impl ServerTls {
    /// Reads the files.
    ///
    /// # Errors
    /// When the two cannot be shown to anybody at this time, in ms since 1970 UTC.
    pub fn read(files: TlsFiles, now_ms: i64) -> Result<Arc<Self>, TlsError> {
        let seen = seen(&files);
        let shown = Arc::new(Shown(RwLock::new(read(&files, now_ms)?)));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let config = config.with_safe_default_protocol_versions()?.with_no_client_auth();
        let mut config = config.with_cert_resolver(Arc::clone(&shown) as _);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let tls = Self { files, config: Arc::new(config), shown, seen: Mutex::new(seen), asked: Notify::new() };
        tls.tell_the_end(now_ms);
        Ok(Arc::new(tls))
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.config))
    }

    /// When the certificate ends, in seconds since 1970 UTC.
    pub fn ends_at_s(&self) -> i64 {
        self.shown.ends_at_s()
    }

    /// Adds when the certificate ends to what is measured, so that somebody is told in time.
    pub fn register_metrics(&self, metrics: &Metrics) {
        metrics.register(|registry| registry.register_collector(Box::new(Ends(Arc::clone(&self.shown)))));
    }

    /// Has [`follow`](Self::follow) look at the files now.
    pub fn look(&self) {
        self.asked.notify_one();
    }

    /// Takes over what stands in the files whenever they have changed. What is wrong there is told, and what was shown
    /// before is shown on. Never ends.
    pub async fn follow(self: Arc<Self>, clock: Clock) {
        loop {
            // Who asks gets an answer at once; otherwise it is looked at when the time is over.
            let asked = timeout(LOOKED_AT_EVERY, self.asked.notified()).await.is_ok();
            let now = seen(&self.files);
            if *self.seen.lock().unwrap_or_else(PoisonError::into_inner) == now && !asked {
                continue;
            }
            match read(&self.files, clock()) {
                Ok(read) => {
                    *self.shown.0.write().unwrap_or_else(PoisonError::into_inner) = read;
                    tracing::info!(certificate = %self.files.certificate.display(), "the certificate was read anew");
                    self.tell_the_end(clock());
                }
                // The second of two files is written a moment after the first.
                Err(error) => tracing::error!(%error, "the certificate that was read before is shown on"),
            }
            *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = now;
        }
    }

    fn tell_the_end(&self, now_ms: i64) {
        let left_s = self.ends_at_s() - now_ms / 1_000;
        if left_s < ENDS_SOON_S {
            let (file, days) = (self.files.certificate.display(), left_s / 86_400);
            tracing::warn!(certificate = %file, days, "the certificate ends soon; get a new one of your authority");
        }
    }
}

fn seen(files: &TlsFiles) -> Seen {
    [&files.certificate, &files.key].map(|file| {
        let metadata = fs::metadata(file).ok()?;
        Some((metadata.modified().ok()?, metadata.len()))
    })
}

fn read(files: &TlsFiles, now_ms: i64) -> Result<Read, TlsError> {
    let file = shown(&files.certificate);
    let no_certificate = |why: String| TlsError::NoCertificate { file: file.clone(), why };
    let text = text_of(&files.certificate)?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let certificates = certificates.map_err(|error| no_certificate(error.to_string()))?;
    let first = certificates.first().ok_or_else(|| no_certificate("there is none in it".to_owned()))?;
    let parsed = x509_parser::parse_x509_certificate(first);
    let Validity { not_before, not_after } =
        parsed.map_err(|error| no_certificate(error.to_string()))?.1.validity().clone();
    let today_s = now_ms.div_euclid(1_000);
    if today_s > not_after.timestamp() {
        return Err(TlsError::Ended { file, at: not_after });
    }
    if today_s < not_before.timestamp() {
        return Err(TlsError::NotYet { file, at: not_before });
    }
    let no_key = |why: String| TlsError::NoKey { file: shown(&files.key), why };
    let key = PrivateKeyDer::from_pem_slice(&text_of(&files.key)?).map_err(|error| {
        no_key(match error {
            pem::Error::NoItemsFound => "there is none in it".to_owned(),
            // A line of a key is no one's to read.
            _ => "it is not written as PEM".to_owned(),
        })
    })?;
    let key = ring::sign::any_supported_type(&key).map_err(|error| no_key(error.to_string()))?;
    let certified = CertifiedKey::new(certificates, key);
    certified.keys_match().map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => {
            TlsError::KeyOfAnother { certificate: file.clone(), key: shown(&files.key) }
        }
        other => TlsError::Protocol(other),
    })?;
    Ok(Read { certified: Arc::new(certified), ends_at_s: not_after.timestamp() })
}

fn text_of(path: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(path).map_err(|error| TlsError::Unreadable { file: shown(path), error })
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
