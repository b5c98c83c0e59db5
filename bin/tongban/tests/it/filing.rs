//! What is checked is what is written: whoever asks, the state and the limits are those of the transaction, after all
//! that was sent has arrived.

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{Request, StatusCode, header};
use tokio::sync::mpsc;
use tongban::modules;
use tongban_cases::{DraftId, MaterialFileId, open_case, remove_file, submit_case, upload_file};
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;

use crate::house::{MATERIAL, PDF, Site, migrations};

const HEAD: &str =
    "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"b.pdf\"\r\n\r\n";
const ROUNDS: usize = 12;

/// A body that comes as slowly as the test wants.
struct Slow(mpsc::Receiver<Bytes>);

impl HttpBody for Slow {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, Self::Error>>> {
        let next = self.0.poll_recv(cx);
        next.map(|bytes| bytes.map(|bytes| Ok(hyper::body::Frame::data(bytes))))
    }
}

/// An upload of which the first bytes have been taken, and the rest.
fn slowly(path: &str) -> (Request<Body>, mpsc::Sender<Bytes>) {
    let (send, receive) = mpsc::channel(1);
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
        .header("sec-fetch-site", "same-origin")
        .body(Body::new(Slow(receive)))
        .unwrap();
    (request, send)
}

async fn begin(send: &mpsc::Sender<Bytes>) {
    send.send(Bytes::from_static(HEAD.as_bytes()))
        .await
        .unwrap();
    send.send(Bytes::from_static(PDF)).await.unwrap();
    // There is room for it when the one before was taken: the server waits for the rest.
    send.send(Bytes::from_static(b" ")).await.unwrap();
}

async fn finish(send: mpsc::Sender<Bytes>) {
    send.send(Bytes::from_static(b"\r\n--b--\r\n"))
        .await
        .unwrap();
}

async fn files_of(site: &Site) -> i64 {
    site.count("SELECT COUNT(*) AS n FROM material_file WHERE removed_at IS NULL")
        .await
}

/// Every file of the folder has its row, and every row its file, once what no row names is cleared.
async fn no_orphans(site: &Site) {
    for _ in 0..2 {
        let tables = modules::marked(&modules::all());
        site.data
            .objects
            .remove_unnamed(site.db(), &tables)
            .await
            .unwrap();
    }
    let mut files = 0;
    let objects = site.data.folder.join("objects");
    for folder in std::fs::read_dir(objects).unwrap() {
        files += std::fs::read_dir(folder.unwrap().path()).unwrap().count();
    }
    let rows = site.count("SELECT COUNT(*) AS n FROM object").await;
    assert_eq!(i64::try_from(files).unwrap(), rows);
}

fn many(count: usize) -> Vec<u8> {
    let mut body = Vec::new();
    for number in 0..count {
        let head = HEAD.replace("b.pdf", &format!("{number}.pdf"));
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(PDF);
        body.extend_from_slice(format!("% {number}\r\n").as_bytes());
    }
    body.extend_from_slice(b"--b--\r\n");
    body
}

on_both_databases! {
    &migrations();

    async fn a_file_that_arrives_after_the_submission_is_in_no_case(db: Db) {
        let site = Site::on(db).await;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let draft = site.complete_draft(&ctx, 1).await;
        let (request, rest) = slowly(&format!("/me/drafts/{draft}/files/{MATERIAL}"));
        let citizen = site.citizen("ceshi1").await;
        let upload = tokio::spawn(async move { citizen.send(request).await });
        begin(&rest).await;
        let case = submit_case(&site.house.desk, &ctx, draft).await.unwrap().case;
        finish(rest).await;
        assert_eq!(upload.await.unwrap().status, StatusCode::CONFLICT);
        let files = open_case(&site.house.desk, &ctx, case).await.unwrap().files;
        assert_eq!(files.iter().map(|f| f.file.name.as_str()).collect::<Vec<_>>(), ["原证.pdf"]);
        no_orphans(&site).await;
    }

    async fn a_file_that_arrives_after_the_logout_is_refused(db: Db) {
        let site = Site::on(db).await;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let draft = site.complete_draft(&ctx, 1).await;
        let (request, rest) = slowly(&format!("/me/drafts/{draft}/files/{MATERIAL}"));
        let citizen = site.citizen("ceshi1").await;
        let sender = citizen.clone();
        let upload = tokio::spawn(async move { sender.send(request).await });
        begin(&rest).await;
        citizen.post("/logout", &[]).await.leads_to();
        finish(rest).await;
        assert!(upload.await.unwrap().leads_to().starts_with("/login"));
        assert_eq!(files_of(&site).await, 1);
        no_orphans(&site).await;
    }

    async fn a_session_that_another_node_ended_writes_nothing(db: Db) {
        let site = Site::on(db).await;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let draft = site.complete_draft(&ctx, 1).await;
        let citizen = site.citizen("ceshi1").await;
        citizen.get(&format!("/me/drafts/{draft}/materials")).await.ok();
        // Ended where this node's memory of sessions does not see it.
        site.long_ago("session", "UPDATE session SET ended_at = created_at").await;
        let files = format!("/me/drafts/{draft}/files/{MATERIAL}");
        assert!(citizen.upload(&files, "b.pdf", PDF).await.leads_to().starts_with("/login"));
        let submit = citizen.post(&format!("/me/drafts/{draft}/confirm"), &[]).await;
        assert!(submit.leads_to().starts_with("/login"));
        assert_eq!((files_of(&site).await, site.count("SELECT COUNT(*) AS n FROM case_record").await), (1, 0));
    }

    async fn a_file_came_when_its_last_byte_came(db: Db) {
        let site = Site::on(db).await;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let draft = site.complete_draft(&ctx, 1).await;
        let (request, rest) = slowly(&format!("/me/drafts/{draft}/files/{MATERIAL}"));
        let citizen = site.citizen("ceshi1").await;
        let upload = tokio::spawn(async move { citizen.send(request).await });
        begin(&rest).await;
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
        let before = site.house.app.now();
        finish(rest).await;
        upload.await.unwrap().leads_to();
        let at = "SELECT MAX(uploaded_at) AS n FROM material_file";
        assert!(site.count(at).await >= before.0);
    }

    async fn a_file_that_is_sent_once_more_is_there_once(db: Db) {
        let site = Site::on(db).await;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let draft = site.complete_draft(&ctx, 1).await;
        let desk = &site.house.desk;
        let send = |name| upload_file(desk, &ctx, draft, MATERIAL, name, PDF.to_vec());
        let (first, again) = (send("一.pdf").await.unwrap(), send("一.pdf").await.unwrap());
        assert_eq!((first.id, files_of(&site).await), (again.id, 2));
        send("二.pdf").await.unwrap();
        assert_eq!(files_of(&site).await, 3);
        no_orphans(&site).await;
    }

    async fn many_files_at_once_stop_at_the_limit(db: Db) {
        let site = Site::on(db).await;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let draft = site.complete_draft(&ctx, 1).await;
        let citizen = site.citizen("ceshi1").await;
        let files = format!("/me/drafts/{draft}/files/{MATERIAL}");
        let told = citizen.post_as(&files, "multipart/form-data; boundary=b", many(300)).await;
        assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(told.html().text("main").contains("最多上传 10 个文件"), "{}", told.text());
        assert_eq!(files_of(&site).await, 10);
        no_orphans(&site).await;
    }

    async fn uploads_beside_each_other_stop_at_the_limit(db: Db) {
        let site = Site::on(db).await;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let draft = site.complete_draft(&ctx, 1).await;
        let mut uploads = tokio::task::JoinSet::new();
        for number in 0..20 {
            let (desk, ctx) = (site.house.desk.clone(), ctx.clone());
            let content = [PDF, format!("% {number}").as_bytes()].concat();
            uploads.spawn(async move {
                upload_file(&desk, &ctx, draft, MATERIAL, "b.pdf", content).await.is_ok()
            });
        }
        let taken = uploads.join_all().await.into_iter().filter(|taken| *taken).count();
        assert_eq!((taken, files_of(&site).await), (9, 10));
        no_orphans(&site).await;
    }

    async fn no_case_lacks_the_file_that_was_removed_beside_its_submission(db: Db) {
        let site = Site::on(db).await;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        for _ in 0..ROUNDS {
            let draft = site.complete_draft(&ctx, 1).await;
            let rows = site.rows("SELECT id FROM material_file ORDER BY id DESC").await;
            let file: MaterialFileId = rows[0].get("id").unwrap();
            let removing = {
                let (desk, ctx) = (site.house.desk.clone(), ctx.clone());
                tokio::spawn(async move { remove_file(&desk, &ctx, draft, file).await })
            };
            let submitting = {
                let (desk, ctx) = (site.house.desk.clone(), ctx.clone());
                tokio::spawn(async move { submit_case(&desk, &ctx, draft).await })
            };
            let (removed, submitted) = (removing.await.unwrap(), submitting.await.unwrap());
            assert_ne!(removed.is_ok(), submitted.is_ok(), "{removed:?} {submitted:?}");
            end(&site, &ctx, draft, submitted.ok().map(|s| s.case)).await;
        }
    }
}

/// Makes room for the next application: a case must have its file, a draft gets another one and is taken back as a case.
async fn end(
    site: &Site,
    ctx: &tongban_base::Ctx,
    draft: DraftId,
    case: Option<tongban_cases::CaseId>,
) {
    let desk = &site.house.desk;
    let case = match case {
        Some(case) => case,
        None => {
            let file = upload_file(desk, ctx, draft, MATERIAL, "原证.pdf", PDF.to_vec());
            file.await.unwrap();
            submit_case(desk, ctx, draft).await.unwrap().case
        }
    };
    assert_eq!(open_case(desk, ctx, case).await.unwrap().files.len(), 1);
    tongban_cases::withdraw_case(desk, ctx, case, "测试".into())
        .await
        .unwrap();
}
