//! `tongban check-data`: whether every file that a row names is there and what it was, the database is as its migrations
//! make it, and its pages are sound, while the server runs or not.

use std::process::ExitCode;

use tongban_store::{ObjectFault, ObjectState, check_objects, compare_schema};

use crate::cli::DataArgs;
use crate::data::Data;
use crate::failure::Failure;
use crate::installation::one_house;
use crate::log::say;
use crate::modules;

pub async fn check_data(args: &DataArgs) -> Result<ExitCode, Failure> {
    let data = Data::existing(args).await?;
    one_house(&data).await?;
    let schema = compare_schema(&data.db, &modules::migrations(&modules::all())).await?;
    for fault in &schema {
        say(&format!("数据库结构：{fault}"));
    }
    let pages = data.db.file_faults().await?;
    for fault in &pages {
        say(&format!("数据库文件：{fault}"));
    }
    let tables = modules::marked(&modules::all());
    let report = check_objects(&data.db, &data.objects, &tables).await?;
    for fault in &report.faults {
        say(&line(fault));
    }
    say(&format!("数据里用到的文件 {} 份", report.named));
    if report.surplus > 0 {
        say(&format!(
            "另有 {} 份文件没有任何数据用到（中断的操作留下的，不影响使用）",
            report.surplus
        ));
    }
    let faults = report.faults.len() + schema.len() + pages.len();
    if faults == 0 {
        say("检查通过，没有缺失或损坏");
        return Ok(ExitCode::SUCCESS);
    }
    say(&format!("检查没有通过，共 {faults} 处"));
    Ok(ExitCode::FAILURE)
}

fn line(fault: &ObjectFault) -> String {
    let state = match fault.state {
        ObjectState::Missing => "缺失",
        ObjectState::Damaged => "损坏",
        ObjectState::Unreadable => "读不出来",
    };
    let ObjectFault {
        table,
        key,
        of,
        object,
        ..
    } = fault;
    format!(
        "{of}：文件{state}（{table} {key}，objects {}）",
        object.as_str()
    )
}
