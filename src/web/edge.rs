//! What stands between the network and the handlers, as it is configured. The default of all of it is closed: no proxy
//! is believed.

use super::peer::Proxies;

#[derive(Clone, Debug, Default)]
pub struct Edge {
    pub proxies: Proxies,
}
