//! Calls other servers over HTTP/1.1, by TLS where their address says `https`.

use std::{error::Error, io, path::Path, sync::Arc, time::Duration};

use axum::http::{Request, Response};
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, Error as ClientError, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use thiserror::Error;
use tokio::time::timeout;
use tokio_rustls::rustls::{
    self, ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};

/// Connections that nobody uses are closed after it: many a router forgets them without a word.
const IDLE_MAX: Duration = Duration::from_secs(30);

/// Why no other server can be called.
#[derive(Debug, Error)]
pub enum TrustError {
    /// The file of authorities is none.
    #[error("{file} holds no certificates of authorities in PEM ({why}); name a file that does with --ca")]
    Authorities {
        /// The file.
        file: String,
        /// What was found.
        why: String,
    },
    /// This machine trusts nobody.
    #[error(
        "no certificates to trust are found on this machine ({0}); install ca-certificates, or name a file with --ca"
    )]
    Machine(io::Error),
    /// What is spoken here cannot be.
    #[error("TLS cannot be spoken: {0}")]
    Protocol(#[from] rustls::Error),
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum NoAnswer {
    /// The server was not reached, and has taken nothing of this.
    #[error("{0}")]
    Unreachable(String),
    /// It was reached, and is not the one that it should be, or speaks no TLS; asking again does not help.
    #[error("{0}")]
    NotTrusted(String),
    /// What became of it is not known.
    #[error("{0}")]
    Unknown(String),
}

/// Calls other servers; clones share their connections.
#[derive(Clone)]
pub struct Caller(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl Caller {
    /// Calls servers whose certificates are of the authorities in a file in PEM, or of those that this machine trusts.
    /// `needs_tls` tells whether anything will be called by `https`.
    ///
    /// # Errors
    /// When there is nobody to trust.
    pub fn new(authorities: Option<&Path>, needs_tls: bool, connect_within: Duration) -> Result<Self, TrustError> {
        let tls = trusting(authorities, needs_tls)?;
        let mut http = HttpConnector::new();
        http.set_nodelay(true);
        http.set_connect_timeout(Some(connect_within));
        http.enforce_http(false);
        let https = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1();
        let mut builder = Client::builder(TokioExecutor::new());
        builder.pool_idle_timeout(IDLE_MAX).pool_timer(TokioTimer::new());
        Ok(Self(builder.build(https.wrap_connector(http))))
    }

    /// Calls once; the answer has to begin within a time.
    ///
    /// # Errors
    /// [`NoAnswer`], with the innermost reason.
    pub async fn call(&self, request: Request<Full<Bytes>>, within: Duration) -> Result<Response<Incoming>, NoAnswer> {
        match timeout(within, self.0.request(request)).await {
            Ok(answered) => answered.map_err(|error| no_answer(&error)),
            Err(_) => Err(NoAnswer::Unknown(format!("not within {} s", within.as_secs()))),
        }
    }
}

fn trusting(authorities: Option<&Path>, needs_tls: bool) -> Result<ClientConfig, TrustError> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions()?;
    let config = match authorities {
        Some(file) => config.with_root_certificates(authorities_of(file)?),
        None => match config.clone().with_native_roots() {
            Ok(config) => config,
            Err(error) if needs_tls => return Err(TrustError::Machine(error)),
            Err(_) => config.with_root_certificates(RootCertStore::empty()),
        },
    };
    Ok(config.with_no_client_auth())
}

fn authorities_of(file: &Path) -> Result<RootCertStore, TrustError> {
    let none = |why: String| TrustError::Authorities { file: file.display().to_string(), why };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|error| none(error.to_string()))? {
        let certificate = certificate.map_err(|error| none(error.to_string()))?;
        roots.add(certificate).map_err(|error| none(error.to_string()))?;
    }
    if roots.is_empty() { Err(none("there is none in it".to_owned())) } else { Ok(roots) }
}

/// The innermost reason: the others only say that a request failed.
pub fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

fn no_answer(error: &ClientError) -> NoAnswer {
    if let Some(refused) = by_tls(error) {
        return NoAnswer::NotTrusted(refused);
    }
    let cause = innermost(error);
    if error.is_connect() { NoAnswer::Unreachable(cause) } else { NoAnswer::Unknown(cause) }
}

/// What TLS says against a server, in words for whoever called it.
fn by_tls(error: &(dyn Error + 'static)) -> Option<String> {
    let mut cause = Some(error);
    while let Some(at) = cause {
        // `io::Error` hides what it holds from `source`.
        let held =
            at.downcast_ref::<io::Error>().and_then(io::Error::get_ref).map(|held| held as &(dyn Error + 'static));
        if let Some(said) = at.downcast_ref::<rustls::Error>() {
            return words(said);
        }
        cause = held.or_else(|| at.source());
    }
    None
}

fn words(error: &rustls::Error) -> Option<String> {
    use rustls::{CertificateError, Error, InvalidMessage};
    let said = match error {
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "its certificate is of an authority that is not trusted here; name the file of that authority with --ca"
                .to_owned()
        }
        Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            "its certificate is over; get a new one for the server".to_owned()
        }
        Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => format!("its certificate is not for this name ({error}); call it by a name that it is for"),
        Error::InvalidCertificate(_) => format!("its certificate is not sound: {error}"),
        Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
            "it speaks no TLS; write http:// in place of https://".to_owned()
        }
        // A connection that broke in the middle may come about the next time.
        _ => return None,
    };
    Some(said)
}
