//! temp
#![allow(clippy::all, clippy::unwrap_used)]
use serde_json::json;
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use tongban_base::*;
use tongban_crypto::KeyRing;
use tongban_documents::{Fonts, Typesetter};
use tongban_licences::*;
use tongban_packs::{Findings, Folder, Pack};
use tongban_store::{Db, Objects, migrate};
use tongban_ui::*;

struct Tokens(HashMap<String, Actor>);
impl Authenticator for Tokens {
    fn authenticate<'a>(
        &'a self,
        token: &'a str,
        _: Timestamp,
    ) -> Pin<Box<dyn Future<Output = Result<Option<Actor>>> + Send + 'a>> {
        Box::pin(async move { Ok(self.0.get(token).cloned()) })
    }
}

#[tokio::main]
async fn main() {
    let out = std::path::PathBuf::from(std::env::args().nth(1).unwrap());
    std::fs::create_dir_all(&out).unwrap();
    let mut findings = Findings::default();
    let folder = Folder::read(std::path::Path::new("solution/transport/pack")).unwrap();
    let pack = Pack::load(folder, &mut findings).unwrap();
    let types = check_types(&pack.folder, &mut findings);
    for f in &findings.0 {
        println!("{f}");
    }
    let db = Db::open_sqlite(&out.join("t.db")).unwrap();
    let all = [
        tongban_audit::MIGRATIONS,
        tongban_packs::MIGRATIONS,
        MIGRATIONS,
    ]
    .concat();
    migrate(&db, &all, Timestamp::now()).await.unwrap();
    let ring = KeyRing::open_or_create(&out.join("keys")).unwrap();
    let ts = Typesetter::new(Fonts::find(None).unwrap());
    let issuers: Vec<Issuer> = pack.organisations.values().map(Issuer::from).collect();
    let now = Timestamp::now();
    let t = std::time::Instant::now();
    let authority = Authority::open(&db, &ring, &ts, &issuers, now)
        .await
        .unwrap();
    println!("authority {:?}", t.elapsed());
    authority.export_root(&out.join("keys")).unwrap();
    let objects = Objects::open(&out.join("objects")).unwrap();
    let licences = Licences::new(
        LicencesParts {
            db: db.clone(),
            objects: objects.clone(),
            types,
            authority,
            typesetter: ts,
            issuers,
            public_url: "http://127.0.0.1:18099".into(),
            presentation_seconds: None,
        },
        &ring,
    )
    .unwrap();
    let account = Uuid::now_v7();
    let holder = Ctx::new(Actor::citizen(account, "测试一二三"), now);
    for (kind, form) in [
        (
            "practitioner",
            json!({"categories": ["02001", "03001"], "driving_class": "A2"}),
        ),
        ("taxi-driver", json!({"driving_class": "C1"})),
        ("ride-hailing-driver", json!({"driving_class": "C1"})),
    ] {
        let new = NewLicence {
            kind: kind.into(),
            previous: None,
            validity: Validity::New,
            account: Some(account),
            person: json!({"name": "测试一二三", "id_number": "310000199001010010", "sex": "male", "birth_date": "1990-01-01", "mobile": "14200000001", "address": "上海市黄浦区示例路101号201室（虚构）"}),
            form,
            answers: json!({}),
            case: json!({}),
            case_id: None,
            division: "310101000000".into(),
            photo: None,
        };
        let Ok(id) = db
            .write((licences.clone(), holder.clone(), new), |tx, (l, c, n)| {
                Box::pin(l.issue(tx, c, n))
            })
            .await
        else {
            continue;
        };
        let t = std::time::Instant::now();
        for (f, x) in [
            (FileFormat::Png, "png"),
            (FileFormat::Ofd, "ofd"),
            (FileFormat::Pdf, "pdf"),
        ] {
            let (bytes, _) = licences.download(&holder, id, f).await.unwrap();
            println!("{kind} {x} {} {:?}", bytes.len(), t.elapsed());
            std::fs::write(out.join(format!("{kind}.{x}")), bytes).unwrap();
        }
        println!("{id}");
    }
    // seeds
    let t = std::time::Instant::now();
    for block in 0..10 {
        let rows: Vec<ExistingLicence> = (0..1000).map(|n| ExistingLicence { kind: "practitioner".into(), account: None,
            person: json!({"name": "测试二二", "id_number": format!("3100001980{:08}", block * 1000 + n), "sex": "male", "birth_date": "1980-01-01", "mobile": "14200000001", "address": "上海市黄浦区示例路101号201室（虚构）"}),
            form: json!({"categories": ["02001"], "driving_class": "A2"}), face: Default::default(), division: "310101000000".into(),
            issued_on: "2022-02-03".parse().unwrap(), valid_from: "2022-02-03".parse().unwrap(), valid_to: Some("2028-02-03".parse().unwrap()), status: Status::Valid, ended: None }).collect();
        let _ = db
            .write(
                (licences.clone(), Ctx::system(now), rows),
                |tx, (l, c, r)| Box::pin(async move { Ok(l.seed(tx, c, r).await?.len()) }),
            )
            .await;
    }
    println!("10000 seeds {:?}", t.elapsed());
    let scope = StaffScope {
        organisation: "sh-transport".into(),
        division: "310000000000".into(),
        permissions: ["licence.revoke".to_owned()].into(),
        ..Default::default()
    };
    let tokens = HashMap::from([
        ("c".to_owned(), holder.actor.clone()),
        (
            "s".to_owned(),
            Actor::staff(Uuid::now_v7(), "测试审批", scope),
        ),
    ]);
    let routes = (module().routes)();
    let app = AppBuilder::new(
        db,
        objects,
        Clock::default(),
        SiteSettings {
            demo: true,
            ..Default::default()
        },
    )
    .with(Arc::new(licences))
    .authenticator(Arc::new(Tokens(tokens)))
    .menu(module().menu.to_vec())
    .routes(routes.table().to_vec())
    .build();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:18099")
        .await
        .unwrap();
    println!("serving");
    serve(router(app, vec![routes]), listener, std::future::pending())
        .await
        .unwrap();
}
