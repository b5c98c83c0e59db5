//! Modules, routes, shells and components of pages, and how a problem is shown. Knows no business.
