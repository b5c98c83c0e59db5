//! How many forms are read in a second: `cargo run --release -p tongban-forms --example validations`.

use std::time::Duration;

use serde_json::json;
use tongban_forms::{Form, Input, Known, validations_per_second};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let form = Form::load(include_str!("../tests/it/form.json")).map_err(|e| format!("{e:?}"))?;
    let mut known = Known::on("2026-11-22".parse()?);
    known.person = json!({"name": "测试一"});
    known.licence = json!({"number": "310000200001"});
    let right = json!({
        "id_number": "11010519491231002X", "sex": "female", "birth_date": "1949-12-31", "mobile": "13800000000",
        "email": "name@example.com", "employer": "示例运输有限公司", "employer_code": "11100000000013338W",
        "division": "310101000000", "phone": "021-12345678", "kind": "freight", "load": 12.5, "accident": false,
        "categories": ["01001"], "years": 20, "first_issued_on": "2020-03-01", "reason": "lost",
        "lost_on": "2026-11-20", "statement": "在车站候车时遗失", "note": "无", "commitment": true
    });
    form.read(&right, &known).map_err(|e| format!("{e:?}"))?;
    let wrong = json!({"id_number": "1", "years": -1, "reason": "lost"});
    for (name, input) in [("right", &right), ("wrong", &wrong)] {
        let rate =
            validations_per_second(&form, Input::Json(input), &known, Duration::from_secs(2));
        println!("{name}: {rate:.0}/s");
    }
    Ok(())
}
