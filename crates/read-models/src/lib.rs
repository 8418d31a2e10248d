//! The read models there are: one line each. To add one, write its crate and list it here.

use storefold_projection::{ReadModel, model};
use storefold_projector_access::Access;
use storefold_projector_customer_file::CustomerFile;
use storefold_projector_customer_purchases::CustomerPurchases;
use storefold_projector_email_capture_rate::EmailCaptureRate;
use storefold_projector_footfall::FootfallOfStores;
use storefold_projector_gift_catalogue::GiftCatalogue;
use storefold_projector_liability::Liability;
use storefold_projector_loyalty_balance::LoyaltyBalance;
use storefold_projector_loyalty_programme::LoyaltyProgramme;
use storefold_projector_network_kpi::NetworkKpi;
use storefold_projector_scanners::Scanners;
use storefold_projector_seller_challenges::SellerChallenges;
use storefold_projector_store_performance::StorePerformance;
use storefold_projector_stored_value::StoredValue;

/// Every read model. Names are unique, and no two answer under the same path.
pub fn all() -> Vec<Box<dyn ReadModel>> {
    vec![
        model::<StorePerformance>(),
        model::<EmailCaptureRate>(),
        model::<GiftCatalogue>(),
        model::<LoyaltyBalance>(),
        model::<LoyaltyProgramme>(),
        model::<Liability>(),
        model::<CustomerPurchases>(),
        model::<StoredValue>(),
        model::<FootfallOfStores>(),
        model::<NetworkKpi>(),
        model::<SellerChallenges>(),
        model::<Scanners>(),
        model::<Access>(),
        model::<CustomerFile>(),
    ]
}
