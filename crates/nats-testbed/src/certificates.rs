//! Certificates for servers of a test.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};

/// Files in PEM that were made for one test.
#[derive(Clone, Debug)]
pub struct Certificates {
    /// The certificate of the authority, which clients trust.
    pub authority: PathBuf,
    /// A server's certificate, for `localhost` and 127.0.0.1, which also makes it a client of other servers.
    pub certificate: PathBuf,
    /// The key of that.
    pub key: PathBuf,
}

impl Certificates {
    /// Makes an authority and a server's certificate in a directory.
    pub fn make(directory: &Path) -> io::Result<Self> {
        let (authority, certificate, key) = texts().map_err(io::Error::other)?;
        let written = |name: &str, text: String| {
            let path = directory.join(name);
            fs::write(&path, text).map(|()| path)
        };
        Ok(Self {
            authority: written("ca.pem", authority)?,
            certificate: written("server.pem", certificate)?,
            key: written("server.key", key)?,
        })
    }
}

fn texts() -> Result<(String, String, String), rcgen::Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    // OpenSSL takes a certificate whose issuer has the name of its subject for one that signs itself.
    params.distinguished_name.push(DnType::CommonName, "authority of a test");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let authority_key = KeyPair::generate()?;
    let authority = params.self_signed(&authority_key)?.pem();
    let issuer = Issuer::new(params, authority_key);
    let mut params = CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned()])?;
    params.distinguished_name.push(DnType::CommonName, "server of a test");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, &issuer)?.pem();
    Ok((authority, certificate, key.serialize_pem()))
}
