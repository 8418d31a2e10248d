//! Places for connections: so many in all, and so many for each address.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use crate::peers::network;

/// How many connections each address has, among those that are open: no more entries than connections.
#[derive(Clone, Debug, Default)]
pub(super) struct Places(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// A place that is taken until this is dropped.
pub(super) struct Place {
    places: Places,
    of: IpAddr,
}

impl Places {
    /// A place for a connection from an address, unless it has `places_max` of them.
    pub(super) fn take(&self, from: IpAddr, places_max: usize) -> Option<Place> {
        let of = network(from);
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(of).or_default();
        if *count >= places_max {
            return None;
        }
        *count += 1;
        drop(taken);
        Some(Place { places: self.clone(), of })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.of) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.of);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Places;

    #[test]
    fn an_address_has_its_places_and_no_more_and_gives_them_back() {
        let places = Places::default();
        let [a, b]: [std::net::IpAddr; 2] = [[10, 0, 0, 1].into(), [10, 0, 0, 2].into()];
        let first = places.take(a, 2);
        let second = places.take(a, 2);
        assert!(first.is_some() && second.is_some() && places.take(a, 2).is_none());
        assert!(places.take(b, 2).is_some(), "another has its own");
        drop(second);
        assert!(places.take(a, 2).is_some());
        drop(first);
        assert!(places.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).is_empty());
    }
}
