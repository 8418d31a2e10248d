//! What is told of a customer to who sees only some stores: what the customer did there.
//!
//! What an account holds is told as any till of the brand tells it. A movement elsewhere is not, and neither is the balance
//! between two movements, from which it could be told.

use storefold_events::Position;
use storefold_projection::{QueryError, StoresSeen, View};

use crate::{
    LoyaltyBalance,
    account::{Account, accounts},
    customer::ledger,
    movements::Movement,
};

/// The accounts in which the customer moved points in one of the stores, each with all movements there, the newest first.
/// Of an account that is shared, what others moved there does not make this customer known.
pub(crate) fn accounts_seen(
    view: &View<'_, LoyaltyBalance>,
    customer: &str,
    stores: &StoresSeen,
) -> Result<Vec<(Account, Vec<Movement>)>, QueryError> {
    let mut seen = Vec::new();
    for account in accounts(view, customer)? {
        let holder = (account.holder.as_str(), account.programme.as_str());
        let mut movements = ledger(view, holder, &account.row, Position::MAX, usize::MAX)?;
        movements.retain(|movement| stores.sees(movement.store.as_deref()));
        let is_own = |movement: &Movement| movement.member.as_ref().unwrap_or(&account.holder) == customer;
        if movements.iter().any(is_own) {
            seen.push((account, movements));
        }
    }
    Ok(seen)
}
