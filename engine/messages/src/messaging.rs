//! What the services and jobs of this crate work with, put together once by the wiring and offered as a service.

use tongban_audit::AuditKey;
use tongban_base::Result;
use tongban_crypto::KeyRing;
use tongban_store::Db;

use crate::gateway::{GatewayConfig, SmsGateway};
use crate::model::MessageView;
use crate::template::MessageTemplates;

pub struct Messaging {
    pub(crate) db: Db,
    pub(crate) templates: MessageTemplates,
    pub(crate) audit_key: AuditKey,
    pub(crate) gateway: Option<SmsGateway>,
}

/// The parts that the wiring gives besides the keys.
pub struct MessagingParts {
    pub db: Db,
    /// The current ones of the pack: their quiet hours hold for every SMS.
    pub templates: MessageTemplates,
    /// None where no gateway is configured: every SMS then says so.
    pub gateway: Option<GatewayConfig>,
}

impl Messaging {
    /// Errors: an address for receipts that is none.
    pub fn new(parts: MessagingParts, ring: &KeyRing) -> Result<Self> {
        Ok(Self {
            db: parts.db,
            templates: parts.templates.with_cipher(ring.field_cipher()?),
            audit_key: AuditKey::of(ring)?,
            gateway: parts.gateway.map(SmsGateway::new).transpose()?,
        })
    }

    /// Templates that open what is stored.
    pub fn templates(&self) -> &MessageTemplates {
        &self.templates
    }

    /// The words that the recipient got.
    pub fn words(&self, message: &MessageView) -> Result<String> {
        message.words(&self.templates)
    }
}
