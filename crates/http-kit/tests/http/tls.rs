//! TLS of the server and of callers.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use axum::{Router, http::Request, routing};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd};
use storefold_http_kit::{Caller, Connections, HEAD_TIME_MAX, Metrics, NoAnswer, ServerTls, TlsError, TlsFiles, serve};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::Instant,
};

/// 2026-06-01T00:00:00Z.
const NOW_MS: i64 = 1_780_272_000_000;
const WITHIN: Duration = Duration::from_secs(20);

struct Authority {
    issuer: Issuer<'static, KeyPair>,
    file: PathBuf,
}

impl Authority {
    fn new(directory: &Path, name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().unwrap();
        let file = directory.join(name);
        fs::write(&file, params.self_signed(&key).unwrap().pem()).unwrap();
        Self { issuer: Issuer::new(params, key), file }
    }

    /// Puts a certificate for a name into the files of a server.
    fn certify(&self, files: &TlsFiles, name: &str, years: (i32, i32)) {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(years.0, 1, 1);
        params.not_after = date_time_ymd(years.1, 1, 1);
        let key = KeyPair::generate().unwrap();
        fs::write(&files.certificate, params.signed_by(&key, &self.issuer).unwrap().pem()).unwrap();
        fs::write(&files.key, key.serialize_pem()).unwrap();
    }

    fn trusted(&self) -> Caller {
        Caller::new(Some(&self.file), true, WITHIN).unwrap()
    }
}

fn files(directory: &Path) -> TlsFiles {
    TlsFiles { certificate: directory.join("server.pem"), key: directory.join("server.key") }
}

static ENTERED: Semaphore = Semaphore::const_new(0);
static LEAVE: Semaphore = Semaphore::const_new(0);

async fn start(tls: Arc<ServerTls>) -> SocketAddr {
    let waits = || async {
        ENTERED.add_permits(1);
        LEAVE.acquire().await.unwrap().forget();
        "done"
    };
    let router = Router::new().route("/quick", routing::get(|| async { "quick" })).route("/waits", routing::get(waits));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(Arc::clone(&tls).follow(Arc::new(|| NOW_MS)));
    let connections = Connections { tls: Some(tls), ..Connections::default() };
    tokio::spawn(serve(listener, router, connections, std::future::pending()));
    address
}

async fn get(caller: &Caller, url: &str) -> Result<String, NoAnswer> {
    let request = Request::builder().uri(url).body(Full::<Bytes>::default()).unwrap();
    let answer = caller.call(request, WITHIN).await?;
    Ok(String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap())
}

#[tokio::test]
async fn who_trusts_the_authority_is_answered_and_others_are_told_why_not() {
    let kept = TempDir::new().unwrap();
    let (ours, others) = (Authority::new(kept.path(), "ours"), Authority::new(kept.path(), "others"));
    let files = files(kept.path());
    ours.certify(&files, "localhost", (2020, 2120));
    let port = start(ServerTls::read(files, NOW_MS).unwrap()).await.port();
    assert_eq!(get(&ours.trusted(), &format!("https://localhost:{port}/quick")).await.unwrap(), "quick");
    let refused = async |caller: &Caller, url: String| match get(caller, &url).await {
        Err(NoAnswer::NotTrusted(why)) => why,
        outcome => panic!("{outcome:?}"),
    };
    let why = refused(&others.trusted(), format!("https://localhost:{port}/quick")).await;
    assert!(why.contains("not trusted here; name the file of that authority with --ca"), "{why}");
    let why = refused(&ours.trusted(), format!("https://127.0.0.1:{port}/quick")).await;
    assert!(why.contains("is not for this name"), "{why}");
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let outcome = get(&ours.trusted(), &format!("https://localhost:{closed}/")).await;
    assert!(matches!(outcome, Err(NoAnswer::Unreachable(_))), "{outcome:?}");
}

#[tokio::test]
async fn who_speaks_plain_http_is_told_to_write_https() {
    let kept = TempDir::new().unwrap();
    let (ours, files) = (Authority::new(kept.path(), "ours"), files(kept.path()));
    ours.certify(&files, "localhost", (2020, 2120));
    let address = start(ServerTls::read(files, NOW_MS).unwrap()).await;
    let plain = get(&ours.trusted(), &format!("http://{address}/quick")).await.unwrap();
    assert_eq!(plain, "This server speaks TLS; write https:// in place of http://\n");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(serve(listener, Router::new(), Connections::default(), std::future::pending()));
    let outcome = get(&ours.trusted(), &format!("https://localhost:{port}/")).await;
    let Err(NoAnswer::NotTrusted(why)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(why, "it speaks no TLS; write http:// in place of https://");
}

#[tokio::test]
async fn a_certificate_is_exchanged_while_connections_go_on() {
    let kept = TempDir::new().unwrap();
    let (before, after) = (Authority::new(kept.path(), "before"), Authority::new(kept.path(), "after"));
    let files = files(kept.path());
    before.certify(&files, "localhost", (2020, 2120));
    let tls = ServerTls::read(files.clone(), NOW_MS).unwrap();
    let metrics = Metrics::default();
    tls.register_metrics(&metrics);
    let port = start(Arc::clone(&tls)).await.port();
    let url = move |path: &str| format!("https://localhost:{port}{path}");
    let (old, waits) = (before.trusted(), url("/waits"));
    let waiting = tokio::spawn(async move { get(&old, &waits).await });
    ENTERED.acquire().await.unwrap().forget();

    // Half of it is not shown.
    let key = fs::read(&files.key).unwrap();
    after.certify(&files, "localhost", (2020, 2110));
    let new_key = fs::read(&files.key).unwrap();
    fs::write(&files.key, key).unwrap();
    tls.look();
    assert_eq!(get(&before.trusted(), &url("/quick")).await.unwrap(), "quick");
    fs::write(&files.key, new_key).unwrap();
    tls.look();
    while get(&after.trusted(), &url("/quick")).await.is_err() {
        tls.look();
    }
    assert!(get(&before.trusted(), &url("/quick")).await.is_err(), "who begins now sees the new one");
    assert_eq!(tls.ends_at_s(), 4_417_977_600, "2110-01-01");
    let told = metrics.encode().unwrap();
    assert!(told.contains("\nstorefold_certificate_ends_timestamp_seconds 4417977600\n"), "{told}");
    LEAVE.add_permits(1);
    assert_eq!(waiting.await.unwrap().unwrap(), "done", "what was under way went on");
}

#[test]
fn what_cannot_be_shown_is_named_with_what_to_do() {
    let kept = TempDir::new().unwrap();
    let (ours, files) = (Authority::new(kept.path(), "ours"), files(kept.path()));
    let says = |expected: &str| {
        let error = ServerTls::read(files.clone(), NOW_MS).err().expect("it cannot be shown").to_string();
        assert!(error.contains(expected), "{error}");
        assert!(!error.contains("-----BEGIN P"), "no key is shown: {error}");
    };
    says("server.pem cannot be read");
    fs::write(&files.certificate, "rubbish").unwrap();
    says("holds no certificate in PEM");
    ours.certify(&files, "localhost", (2020, 2026));
    says("ended at Jan  1");
    ours.certify(&files, "localhost", (2027, 2028));
    says("look at the clock");
    ours.certify(&files, "localhost", (2020, 2120));
    let key = fs::read_to_string(&files.key).unwrap();
    fs::write(&files.key, &key[..key.len() - 40]).unwrap();
    says("it is not written as PEM");
    fs::write(&files.key, "rubbish").unwrap();
    says("there is none in it");
    fs::write(&files.key, KeyPair::generate().unwrap().serialize_pem()).unwrap();
    says("is not that of the certificate");
    fs::remove_file(&files.key).unwrap();
    says("server.key cannot be read");
    assert!(matches!(ServerTls::read(files, NOW_MS), Err(TlsError::Unreadable { .. })));
    let none = Caller::new(Some(&kept.path().join("none")), true, WITHIN).err().expect("nobody is trusted");
    assert!(none.to_string().contains("name a file that does with --ca"), "{none}");
}

#[tokio::test(start_paused = true)]
async fn who_begins_tls_and_does_not_go_on_is_cut_off() {
    let kept = TempDir::new().unwrap();
    let (ours, files) = (Authority::new(kept.path(), "ours"), files(kept.path()));
    ours.certify(&files, "localhost", (2020, 2120));
    let address = start(ServerTls::read(files, NOW_MS).unwrap()).await;
    for first in [&[][..], &[22, 3, 1]] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(first).await.unwrap();
        let started = Instant::now();
        drop(stream.read_to_end(&mut Vec::new()).await);
        assert!((HEAD_TIME_MAX..HEAD_TIME_MAX * 2).contains(&started.elapsed()), "{:?}", started.elapsed());
    }
}
