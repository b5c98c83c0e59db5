//! Writing people into the registers and their licences into the licence register: a batch is there as a whole or
//! not at all, so a start that was broken off goes on where it stopped.

use serde_json::Value as Json;
use tongban_base::{Ctx, Problem, Result};
use tongban_licences::{ExistingLicence, Licences};
use tongban_registers::{Prepared, Registers};
use tongban_store::{Db, Tx};

use super::{Practitioner, Seed};

/// The register of holds.
const HOLDS: &str = "hold";

/// What is written in one transaction.
#[derive(Clone)]
pub struct Batch {
    register: String,
    people: Vec<Prepared>,
    holds: Vec<Prepared>,
    licences: Vec<ExistingLicence>,
}

/// A write that lasts too long is cut off, also on a machine that does much else.
const SIZE: u32 = 100;

impl Seed {
    /// Writes the first `count` people; those that are there already stay as they are. `progress` hears how many
    /// are done. Errors: whatever the registers refuse, which is a fault of the seed.
    pub async fn fill(
        &self,
        db: &Db,
        ctx: &Ctx,
        (registers, licences): (&Registers, &Licences),
        count: u32,
        progress: impl Fn(u32, u32),
    ) -> Result<()> {
        let today = ctx.now.date();
        let mut done = 0;
        while done < count {
            let end = count.min(done + SIZE);
            let first = self.person(done, today).ok_or_else(faulty)?;
            if !self.is_there(db, registers, &first).await? {
                let people: Option<Vec<Practitioner>> = (done..end)
                    .map(|number| self.person(number, today))
                    .collect();
                let people = people.ok_or_else(faulty)?;
                self.write(db, ctx, (registers, licences), &people).await?;
                progress(end, count);
            }
            done = end;
        }
        Ok(())
    }

    /// Writes these people if the first of them is not there yet.
    pub async fn write_missing(
        &self,
        db: &Db,
        ctx: &Ctx,
        services: (&Registers, &Licences),
        people: &[Practitioner],
    ) -> Result<()> {
        let recorded = people.iter().find(|person| person.record.is_some());
        match recorded {
            Some(first) if !self.is_there(db, services.0, first).await? => {
                self.write(db, ctx, services, people).await
            }
            _ => Ok(()),
        }
    }

    async fn is_there(
        &self,
        db: &Db,
        registers: &Registers,
        person: &Practitioner,
    ) -> Result<bool> {
        let input = (
            registers.clone(),
            self.register().to_owned(),
            person.id_number.clone(),
        );
        let found = db.read(input, |tx, (registers, register, key)| {
            Box::pin(registers.find(tx, register, key))
        });
        Ok(found.await?.is_some())
    }

    async fn write(
        &self,
        db: &Db,
        ctx: &Ctx,
        (registers, licences): (&Registers, &Licences),
        people: &[Practitioner],
    ) -> Result<()> {
        let batch = self.batch(ctx, registers, people)?;
        let input = (registers.clone(), licences.clone(), ctx.clone(), batch);
        db.write(input, |tx, (registers, licences, ctx, batch)| {
            Box::pin(store(tx, registers, licences, ctx, batch))
        })
        .await
    }

    fn batch(&self, ctx: &Ctx, registers: &Registers, people: &[Practitioner]) -> Result<Batch> {
        let mut batch = Batch {
            register: self.register().to_owned(),
            people: Vec::with_capacity(people.len()),
            holds: Vec::new(),
            licences: people.iter().filter_map(|p| p.licence.clone()).collect(),
        };
        for person in people {
            let place = (person.organisation.as_str(), person.division.as_str());
            if let Some(record) = &person.record {
                let record = Json::Object(record.clone());
                let prepared = registers.prepare(ctx, self.register(), place, &record)?;
                batch.people.push(prepared);
            }
            if let Some(hold) = &person.hold {
                let hold = Json::Object(hold.clone());
                let prepared = registers.prepare(ctx, HOLDS, place, &hold)?;
                batch.holds.push(prepared);
            }
        }
        Ok(batch)
    }
}

async fn store(
    tx: &mut Tx,
    registers: &Registers,
    licences: &Licences,
    ctx: &Ctx,
    batch: &Batch,
) -> Result<()> {
    registers
        .import(tx, ctx, &batch.register, &batch.people)
        .await?;
    if !batch.holds.is_empty() {
        registers.import(tx, ctx, HOLDS, &batch.holds).await?;
    }
    licences.seed(tx, ctx, &batch.licences).await?;
    Ok(())
}

fn faulty() -> Problem {
    Problem::internal("the seed gives no person")
}
