//! What this crate brings to the house.

use std::sync::Arc;

use tongban_audit::AuditEvent;
use tongban_base::Permission;
use tongban_ui::{MenuCount, Module, NavEntry, PermissionDef, Shell};

use crate::service::{FailedJobs, count};
use crate::web;

/// Whoever holds this right sees and repeats the failed jobs of the whole house.
pub const REPEAT: Permission = Permission("job.repeat");

pub(crate) const REPEATED: AuditEvent = AuditEvent {
    name: "job.repeated",
    title: "重新执行失败的后台任务",
};
pub const EVENTS: &[AuditEvent] = &[REPEATED];
pub const SUBJECTS: &[(&str, &str)] = &[("job", "后台任务"), ("job_kind", "一类后台任务")];

pub(crate) const PATH: &str = "/workbench/jobs";

const PERMISSIONS: &[PermissionDef] = &[PermissionDef {
    name: REPEAT.0,
    title: "查看并重新执行失败的后台任务",
}];

const MENU: &[NavEntry] = &[NavEntry {
    shell: Shell::Workbench,
    title: "失败的任务",
    icon: "refresh",
    path: PATH,
    permission: REPEAT.0,
    order: 890,
}];

/// How many have failed, beside the entry of the menu.
pub fn menu_count(failed: &Arc<FailedJobs>) -> MenuCount {
    let failed = Arc::clone(failed);
    MenuCount {
        path: PATH,
        count: Box::new(move |ctx| {
            let (failed, ctx) = (Arc::clone(&failed), ctx.clone());
            Box::pin(async move { count(&failed, &ctx).await })
        }),
    }
}

pub fn module() -> Module {
    Module {
        name: "upkeep",
        migrations: &[],
        marked: &[],
        permissions: PERMISSIONS,
        menu: MENU,
        routes: web::routes,
        jobs: |_| Vec::new(),
    }
}
