/** Draws /openapi.json, if Swagger UI came: exactly the one of which this page knows the digest. */
globalThis.SwaggerUIBundle?.({url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true});
