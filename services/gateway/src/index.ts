export { createGateway, type Gateway, type GatewayDeps } from './gateway.js';
export { gatewayProcessSettings, gatewaySettings, type GatewaySettings } from './config.js';
