//! The whole house, as the program wires it, on both databases: what issue and requirements ask of it.
//! Knows no inner part of a module; goes through services and routes.

#![expect(clippy::unwrap_used, reason = "tests")]

mod acts;
mod all_or_nothing;
mod at_once;
mod at_rest;
mod backup;
mod bad_input;
mod bad_pack;
mod browser;
mod changed_since;
mod check_data;
mod clock;
mod data_folder;
mod days;
mod doors;
mod drafts;
mod drawn;
mod each_item;
mod faces;
mod failed_jobs;
mod filed;
mod filing;
mod full;
mod handed_in;
mod house;
mod in_force;

mod lapsed;
mod law;
mod led_back;
mod letters;
mod lifted;
mod lists;
mod logins;
mod main_job;
mod meddled;
mod menu;
mod named_otherwise;
mod new_business;
mod officers_page;
mod on_record;
mod open_cases;
mod outward;
mod papers;
mod people;
mod prereview;
mod rated;
mod read_by;
mod readiness;
mod reminders;
mod removed;
mod restore;
mod rights;
mod routes;
mod server;
mod set_back;
mod settings;
mod sms;
mod soak;
mod stops;
mod taken_back;
mod twins;
mod verified_letters;
mod watched;
