use crate::bulk::{invalid_contact, Item, Outcome};
use crate::v1;

/// The outcomes of one batch; the tag of an item is its index.
pub(crate) struct Batch<C> {
    outcomes: Vec<Outcome<C>>,
}

impl<C> Batch<C> {
    /// Makes the request, without the items that cannot be sent, whose outcome is
    /// known already.
    pub(crate) fn new(
        items: impl IntoIterator<Item = Item<C>>,
        options: v1::LookupOptions,
    ) -> (Self, v1::BatchGetProfilePicturesRequest) {
        let mut outcomes = Vec::new();
        let mut request = v1::BatchGetProfilePicturesRequest {
            options: Some(options),
            items: Vec::new(),
        };
        for (tag, item) in (0..).zip(items) {
            let error = item.unsendable().map(invalid_contact);
            if error.is_none() {
                request.items.push(item.to_message(tag));
            }
            outcomes.push(Outcome {
                item,
                picture: None,
                error,
            });
        }
        (Self { outcomes }, request)
    }

    pub(crate) fn outcomes(mut self, results: Vec<v1::EnrichResult>) -> Vec<Outcome<C>> {
        for result in results {
            let index = usize::try_from(result.tag).unwrap_or(usize::MAX);
            if let Some(outcome) = self.outcomes.get_mut(index) {
                outcome.set(result.outcome);
            }
        }
        self.outcomes
    }
}
