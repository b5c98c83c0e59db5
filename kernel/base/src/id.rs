//! A newtype per id over UUIDv7, so that a case can never be taken for a task.

/// Declares id types: `id!(CaseId, TaskId);`
#[macro_export]
macro_rules! id {
    ($($name:ident),+ $(,)?) => {$(
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Serialize, ::serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $crate::Uuid);

        impl $name {
            /// A new id; ids made later sort later.
            #[expect(clippy::new_without_default, reason = "an id has no default")]
            pub fn new() -> Self {
                Self($crate::Uuid::now_v7())
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(&self.0, f)
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::Problem;
            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                $crate::Uuid::parse_str(text).map(Self).map_err(|_| $crate::Problem::not_found())
            }
        }
    )+};
}
