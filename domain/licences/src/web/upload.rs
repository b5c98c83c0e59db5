//! Takes a file out of a request that a stranger sent: any bytes, but not any number of them.

use axum::extract::Multipart;
use axum::extract::multipart::MultipartError;
use tongban_base::{FieldError, Problem, Result};

use crate::service::verify::LARGEST_FILE;

const MEGABYTES: usize = LARGEST_FILE / 1024 / 1024;

/// The file of the field `file`; read only as far as it may be long.
pub(super) async fn file(mut form: Multipart) -> Result<Vec<u8>> {
    while let Some(mut field) = form.next_field().await.map_err(|e| unreadable(&e))? {
        if field.name() != Some("file") {
            continue;
        }
        let mut content = Vec::new();
        while let Some(piece) = field.chunk().await.map_err(|e| unreadable(&e))? {
            if content.len() + piece.len() > LARGEST_FILE {
                return Err(crate::error::too_large(MEGABYTES));
            }
            content.extend_from_slice(&piece);
        }
        if !content.is_empty() {
            return Ok(content);
        }
    }
    let missing = FieldError::new("/file", "required", "请选择要核验的证照文件");
    Err(Problem::fields(vec![missing]))
}

fn unreadable(error: &MultipartError) -> Problem {
    if error.status().as_u16() == 413 {
        return crate::error::too_large(MEGABYTES);
    }
    Problem::invalid("input.unreadable", "上传的内容不完整，请重新选择文件")
}
