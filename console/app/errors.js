// @ts-check
/** Cause and fix of every code of docs/errors.md; written by `make errors`. */
export const errors = {
  "ADDRESS_REFUSED": {
    "cause": "The host is, or leads to, an address that is not public. Also as the trouble of an attempt: the name leads there by now.",
    "fix": "Use a receiver that is reachable from the internet."
  },
  "ALREADY_SIGNED": {
    "cause": "Somebody has signed the contract; a change of its content would take the signature back, so it does not happen by itself.",
    "fix": "Push by hand if it is worth that."
  },
  "AMBIGUOUS_TIME": {
    "cause": "The time has no zone, and clocks are changed then: it exists twice, or not at all.",
    "fix": "Add the zone."
  },
  "APPROVAL_REQUIRED": {
    "cause": "The run would change, or blank, more of what is stored than settings.breaker allows, or the company looks like another one: too much of what is stored was not listed, and new records stand in its place. Nothing of that entity type was written. Told as the error of a partial run.",
    "fix": "Look at the run's error and approval: POST …/runs/{runId}/approve if it is right; else mend Business Central or the connection and sync again."
  },
  "APPROVAL_STALE": {
    "cause": "A newer run has looked at the same or written records of the same type, the connection was changed, or seven days have passed; runId names the run that waits now, if one does.",
    "fix": "Approve that one, or sync again."
  },
  "BAD_REQUEST": {
    "cause": "The request cannot be understood.",
    "fix": "Read detail, correct the request."
  },
  "BODY_MALFORMED": {
    "cause": "The body is no JSON, or there is none where one is needed.",
    "fix": "Send a JSON object in UTF-8."
  },
  "BODY_TOO_LARGE": {
    "cause": "The body is larger than 1 MiB.",
    "fix": "Send less."
  },
  "CERTIFICATE_NOT_ISSUED": {
    "cause": "The run has not ended, or it did not set out to list everything: a delta or a retry has nothing to certify.",
    "fix": "Ask for the certificate of an ended full run; its certificate says where it is."
  },
  "CLIENT_SECRET_MISSING": {
    "cause": "The connection has no client secret.",
    "fix": "Send one with PATCH."
  },
  "COLUMN_FORBIDDEN": {
    "cause": "Column security keeps the application user from a column.",
    "fix": "Add it to a column security profile."
  },
  "COMPANY_NOT_FOUND": {
    "cause": "The environment has no company with this id, or shows none any more.",
    "fix": "Choose one of dynamics/companies; if it is empty, give the app a permission set that can read companies."
  },
  "COMPANY_REQUIRED": {
    "cause": "No company is chosen.",
    "fix": "Choose one of dynamics/companies."
  },
  "CONFLICT": {
    "cause": "The thing is in a state that does not allow this.",
    "fix": "Read detail."
  },
  "CONFLICT_RESOLVED": {
    "cause": "The conflict was resolved otherwise, or closed by itself because its cause was gone.",
    "fix": "Read the conflict; edit the record instead."
  },
  "CONNECTION_INVALID": {
    "cause": "Microsoft Entra does not understand tenant id or client id.",
    "fix": "Correct them."
  },
  "CONSENT_DECLINED": {
    "cause": "The sign-in ended without consent. Shown on a page.",
    "fix": "Authorize again and accept, or ask an administrator to consent."
  },
  "CONSENT_NOT_NEEDED": {
    "cause": "The connection uses client credentials.",
    "fix": "Nothing is to be done; or set grant to authorization_code first."
  },
  "CONTENT_TYPE_UNSUPPORTED": {
    "cause": "The body is not declared as JSON.",
    "fix": "Send Content-Type: application/json (or application/merge-patch+json)."
  },
  "CONTRACT_AMBIGUOUS": {
    "cause": "An earlier attempt to make a contract did not say how it ended, and several contracts in Oneflow may be its own; detail names them.",
    "fix": "Delete all but one of them in Oneflow, and ask again: the one that is left is linked. A keyField in the mapping avoids this."
  },
  "CONTRACT_BUSY": {
    "cause": "Another merge of the contract has been under way for ten seconds.",
    "fix": "Try again."
  },
  "CONTRACT_GONE": {
    "cause": "Oneflow has no such contract any more.",
    "fix": "Make another one; the link shows it as deleted."
  },
  "CONTRACT_IN_PROGRESS": {
    "cause": "A contract of the same record is being made at this moment.",
    "fix": "Ask again a little later: the answer is that contract."
  },
  "CONTRACT_LOCKED": {
    "cause": "The contract is signed or declined.",
    "fix": "Nothing is to be done; or make another contract."
  },
  "CONTRACT_REFUSED": {
    "cause": "Oneflow does not accept the contract; detail repeats what it says about it.",
    "fix": "Correct what it names: a participant, say."
  },
  "CONTRACT_TABLE_UNFIT": {
    "cause": "The table that settings.contractTable names has no text or whole-number column for the contract's number that the hub may write to, or no optimistic concurrency. Told in the contract's link, never as an answer.",
    "fix": "Add the column, of_contractid or the one that settings.contractColumn names; enable optimistic concurrency."
  },
  "CREDENTIALS_REFUSED": {
    "cause": "Microsoft Entra, Business Central or Dataverse refuses the app.",
    "fix": "Check client id, client secret, and the app's card in Business Central."
  },
  "CURSOR_LOOP": {
    "cause": "Business Central names a page as the next one of itself.",
    "fix": "Try again; report it to Microsoft if it stays."
  },
  "CURSOR_LOST": {
    "cause": "Business Central does not know the next page any more, however often the listing was begun again.",
    "fix": "Try again when less changes."
  },
  "DYNAMICS_FIELD_TWICE": {
    "cause": "The Dynamics field is mapped twice.",
    "fix": "Keep one of the pairs."
  },
  "DYNAMICS_WINS": {
    "cause": "Both sides changed, and Dynamics wins; a fetch does not write to Oneflow.",
    "fix": "Push."
  },
  "ENDPOINT_DISABLED": {
    "cause": "The webhook endpoint is disabled: by its owner, because it answered 410, or because it has failed for five days; its disabledReason says which. In the log and in trouble of a delivery, too.",
    "fix": "Mend the receiver, then PATCH the endpoint with {\"enabled\": true}."
  },
  "ENDPOINT_REDIRECTS": {
    "cause": "The endpoint answered with 3xx; redirects are not followed.",
    "fix": "Change the endpoint's url to where it leads."
  },
  "ENDPOINT_REFUSED": {
    "cause": "The endpoint answered with 4xx or 5xx; status and response say how.",
    "fix": "Look into the receiver."
  },
  "ENDPOINT_TIMEOUT": {
    "cause": "There was no answer within 15 seconds.",
    "fix": "Answer first, work afterwards."
  },
  "ENDPOINT_TLS": {
    "cause": "The receiver's certificate was not accepted, or it does not speak TLS.",
    "fix": "Renew the certificate; send the whole chain."
  },
  "ENDPOINT_UNKNOWN": {
    "cause": "The host's name leads nowhere.",
    "fix": "Correct the name, or its DNS records."
  },
  "ENDPOINT_UNREACHABLE": {
    "cause": "The connection failed.",
    "fix": "Look whether the receiver is up."
  },
  "ENTITY_NOT_FOUND": {
    "cause": "Dataverse has no table of this name.",
    "fix": "Use a logical name of GET …/entities."
  },
  "ENTITY_SET_NOT_FOUND": {
    "cause": "Business Central has no such entity set on this route.",
    "fix": "Correct the mapping's source."
  },
  "ENVIRONMENT_NOT_FOUND": {
    "cause": "The tenant has no environment of this name.",
    "fix": "Correct the name; the Business Central admin center lists them."
  },
  "EXCESS_DECIMALS": {
    "cause": "The number has more decimals than the column; nothing is rounded.",
    "fix": "Write fewer decimals, or give the column more."
  },
  "FIELD_CHANGED": {
    "cause": "The contract was found after a lost answer, and somebody has changed the field in it meanwhile.",
    "fix": "Look at both values, then push or fetch."
  },
  "FIELD_FLIPPING": {
    "cause": "The field was written to and fro again and again.",
    "fix": "Find what else writes to it; it goes on by itself after a while."
  },
  "FIELD_MISSING": {
    "cause": "Dataverse has no such column any more, the contract no such data field, or the lookup leads to no row that could be changed.",
    "fix": "Correct the mapping, or set the lookup; a contract keeps the data fields that its template had."
  },
  "FIELD_REFUSED": {
    "cause": "Oneflow does not take the value.",
    "fix": "Look at what the data field is for; correct the value, and push."
  },
  "FOREIGN_NEXT_LINK": {
    "cause": "The next page lies at another address than Business Central's; it is not followed.",
    "fix": "Check HUB_BUSINESS_CENTRAL_URL."
  },
  "HTTPS_REQUIRED": {
    "cause": "The address does not begin with https://; others are taken on a developer's machine only.",
    "fix": "Give the receiver a certificate."
  },
  "IDEMPOTENCY_IN_PROGRESS": {
    "cause": "The first request with this Idempotency-Key has no answer yet.",
    "fix": "Repeat the request a little later."
  },
  "IDEMPOTENCY_KEY_REUSED": {
    "cause": "The Idempotency-Key was used for another request.",
    "fix": "Use a new key for each request."
  },
  "IF_MATCH_MISSING": {
    "cause": "The change does not say what it was made from.",
    "fix": "Send the ETag in If-Match."
  },
  "INACTIVE_ONEFLOW_FIELD": {
    "cause": "The data field is not active.",
    "fix": "Activate it in Oneflow, or use another one."
  },
  "INTEGRATION_BROKEN": {
    "cause": "The company or the environment is gone.",
    "fix": "Choose another one in the connection, then test it or sync."
  },
  "INTERNAL_ERROR": {
    "cause": "Something went wrong in the hub.",
    "fix": "Look up traceId in the log."
  },
  "INVALID": {
    "cause": "The request is understood, but some values are not acceptable.",
    "fix": "Correct everything in errors."
  },
  "INVALID_CURSOR": {
    "cause": "The cursor is none, or one of another listing.",
    "fix": "Follow nextLink as it is, or begin again without cursor."
  },
  "INVALID_URL": {
    "cause": "The address is none, or has a user, a password or a fragment.",
    "fix": "Write https://host/path; a token may be in the path or the query."
  },
  "INVALID_VALUE": {
    "cause": "The source value cannot be turned into the field's value.",
    "fix": "Correct the value, or the mapping."
  },
  "KEEPS_CHANGING": {
    "cause": "Somebody changed the row each of the three times that it was to be written.",
    "fix": "Nothing; it is tried again with the next change."
  },
  "KEY_TAKEN": {
    "cause": "There is one with this id already.",
    "fix": "Use another id."
  },
  "LISTING_SHORT": {
    "cause": "Business Central counts more records than it listed.",
    "fix": "Sync again."
  },
  "LISTING_SHRUNK": {
    "cause": "Nothing, or far fewer records than are stored, came from Business Central; nothing was marked as gone.",
    "fix": "Check company and permissions. If the records are gone indeed, raise settings.largestLoss (a share, 0.5 by default) and sync in full."
  },
  "MAPPING_INVALID": {
    "cause": "A version of the mapping was made by an earlier release, and this one cannot use it.",
    "fix": "Correct what detail names with PUT."
  },
  "MAPPING_MISSING": {
    "cause": "Nobody has written a mapping of the record's table.",
    "fix": "PUT …/entities/{logicalName}/mapping."
  },
  "MISSING_ID": {
    "cause": "The source record has no id.",
    "fix": "Correct the mapping's idField."
  },
  "NOT_AUTOMATIC": {
    "cause": "The field changed in Dynamics, and nobody asked for a push.",
    "fix": "Push; or let the integration do so by itself: settings.automatic."
  },
  "NOT_A_BOOLEAN": {
    "cause": "The text is none of the column's labels, nor yes, no, true, false, 1 or 0; or it is empty.",
    "fix": "Correct the text."
  },
  "NOT_A_DATE": {
    "cause": "The text is not yyyy-MM-dd, or there is no such day.",
    "fix": "Correct the text."
  },
  "NOT_A_NUMBER": {
    "cause": "The text in Oneflow is no number, or could be two (1,000).",
    "fix": "Write digits with a decimal point."
  },
  "NOT_A_TIME": {
    "cause": "The text is not yyyy-MM-ddTHH:mm:ss.",
    "fix": "Correct the text."
  },
  "NOT_FOUND": {
    "cause": "There is no such thing, or it is someone else's.",
    "fix": "Check the ids in the path."
  },
  "NOT_HELD": {
    "cause": "The run waits for no approval: it never did, or it was approved.",
    "fix": "Nothing is to be done."
  },
  "NOT_READY": {
    "cause": "A dependency of the hub does not answer; data.checks names it.",
    "fix": "Look at that dependency."
  },
  "NOT_TAKEN_OVER": {
    "cause": "Oneflow holds another value than the one that was sent.",
    "fix": "Push."
  },
  "NOT_TWO_WAY": {
    "cause": "The field does not travel from Oneflow to Dynamics.",
    "fix": "Change it in Dynamics."
  },
  "NO_COMPANY": {
    "cause": "The connection names no company and sees none.",
    "fix": "Give the app a permission set that can read companies."
  },
  "ONEFLOW_FIELD_READ_ONLY": {
    "cause": "Oneflow itself fills the data field.",
    "fix": "Use another one."
  },
  "ONEFLOW_FORBIDDEN": {
    "cause": "The Oneflow user may not use workspace or template.",
    "fix": "Give the user a role there; share the template with the workspace."
  },
  "ONEFLOW_NAME_MISSING": {
    "cause": "The Oneflow field name is missing.",
    "fix": "Name a data field of the template by its customId."
  },
  "ONEFLOW_NAME_NOT_UNIQUE": {
    "cause": "The Oneflow field is named twice, or is the key field as well.",
    "fix": "Give each pair a data field of its own."
  },
  "ONEFLOW_NOT_FOUND": {
    "cause": "Oneflow does not know what was asked for.",
    "fix": "Check ids of workspace and template."
  },
  "ONEFLOW_PLAN_REQUIRED": {
    "cause": "The plan of the Oneflow account does not include this.",
    "fix": "Ask Oneflow for another plan."
  },
  "ONEFLOW_TOKEN_MISSING": {
    "cause": "The connection has no API token.",
    "fix": "Send one with PATCH."
  },
  "ONEFLOW_TOKEN_REFUSED": {
    "cause": "Oneflow does not accept the API token, or the user of userEmail.",
    "fix": "Make a token under Marketplace, API tokens; name an active user of the same account."
  },
  "ONEFLOW_WINS": {
    "cause": "Both sides changed, and Oneflow wins; a push does not write to Dynamics.",
    "fix": "Fetch."
  },
  "ONLY_DYNAMICS_CHANGED": {
    "cause": "A fetch found a change in Dynamics only.",
    "fix": "Push."
  },
  "ONLY_ONEFLOW_CHANGED": {
    "cause": "A push found a change in Oneflow only.",
    "fix": "Fetch, or push with overwrite=true."
  },
  "OUT_OF_RANGE": {
    "cause": "The column takes no number, or date, so small or large.",
    "fix": "Correct the value."
  },
  "OWNER_LOST": {
    "cause": "The run was interrupted too often.",
    "fix": "Start another one."
  },
  "PARTICIPANT_DUPLICATE": {
    "cause": "Two participants of a contract have the same e-mail address.",
    "fix": "Send each once."
  },
  "PERMISSION_DENIED": {
    "cause": "The app may not read what it needs.",
    "fix": "Give it a permission set such as D365 READ."
  },
  "PLAN_APPLIED": {
    "cause": "The plan was applied, or is being applied.",
    "fix": "See its run; plan again for what has changed since."
  },
  "PLAN_EXPIRED": {
    "cause": "The plan is older than a day.",
    "fix": "Plan again."
  },
  "PLAN_FAILED": {
    "cause": "The run that was to make the plan failed or was cancelled.",
    "fix": "See the run's error; plan again."
  },
  "PLAN_STALE": {
    "cause": "Since the plan was made, records have changed in Business Central or on the platform, the connection leads elsewhere, or a newer plan was made; nothing was applied.",
    "fix": "Plan again, or apply the newer plan that runId names."
  },
  "PRECONDITION_FAILED": {
    "cause": "It was changed since the caller read it.",
    "fix": "Read it again, then change it with the new ETag."
  },
  "PRODUCTS_NOT_TAKEN": {
    "cause": "The template has no place for products.",
    "fix": "Set products to false, or choose another template."
  },
  "PUBLIC_URL_MISSING": {
    "cause": "The hub does not know its own public address, so it cannot say where Dataverse should send notices.",
    "fix": "Set HUB_PUBLIC_URL of the app."
  },
  "REAUTH_REQUIRED": {
    "cause": "The consent or the refresh token is dead.",
    "fix": "POST …/dynamics/authorize, and sign in at the address that it answers."
  },
  "RECORD_FORBIDDEN": {
    "cause": "The application user has no access to this row.",
    "fix": "Share the row, or widen its security role."
  },
  "RECORD_GONE": {
    "cause": "Dataverse has no such row any more.",
    "fix": "Check the id; the row may have been deleted."
  },
  "RECORD_INVALID": {
    "cause": "The record cannot be stored as it is.",
    "fix": "Correct what detail names."
  },
  "RECORD_NOT_FOUND": {
    "cause": "Business Central does not know the record.",
    "fix": "Sync again."
  },
  "RECORD_READ_ONLY": {
    "cause": "The row is closed: a quote that is no draft, say.",
    "fix": "Open it in Dynamics first."
  },
  "REQUIRED_FIELD_MISSING": {
    "cause": "A field that is needed, such as the name, is empty.",
    "fix": "Fill it in Business Central."
  },
  "ROW_INVALID": {
    "cause": "A value cannot be stored.",
    "fix": "Correct what detail names."
  },
  "ROW_TOO_LARGE": {
    "cause": "The values are together too large.",
    "fix": "Send less."
  },
  "RULE_REFUSED": {
    "cause": "A plug-in or rule of the organization refuses the change.",
    "fix": "Read detail, and ask who made the rule."
  },
  "RUN_ACTIVE": {
    "cause": "The run has not ended, so its failed records cannot be repeated.",
    "fix": "Wait for its end."
  },
  "RUN_CANCELLED": {
    "cause": "The run that the request waited for was cancelled.",
    "fix": "Start another one."
  },
  "RUN_ENDED": {
    "cause": "The run has ended, so it cannot be cancelled.",
    "fix": "Nothing is to be done."
  },
  "SCOPE_REFUSED": {
    "cause": "Microsoft Entra refuses the scope.",
    "fix": "Grant the app API.ReadWrite.All of Dynamics 365 Business Central."
  },
  "SECRET_TOO_LARGE": {
    "cause": "The secret has more than 25,000 bytes, which no Key Vault takes.",
    "fix": "Send a shorter one."
  },
  "SECRET_UNREADABLE": {
    "cause": "A secret was encrypted with another key, or the key in Key Vault is none.",
    "fix": "Bring the old HUB_SECRET_KEY back, or enter the secrets again; delete hub-sealing-key in Key Vault, the hub makes a new one."
  },
  "SETUP_REQUIRED": {
    "cause": "The client secret was refused, the app may not read in Business Central, or nobody has signed in yet.",
    "fix": "Do what detail says, then test the connection or sync."
  },
  "SIGNING_KEYS_UNAVAILABLE": {
    "cause": "The keys of the tokens' issuer cannot be fetched.",
    "fix": "Check HUB_AUTH_JWKS_URL; try again."
  },
  "SIGNING_SECRET_MISSING": {
    "cause": "The endpoint's secret is not in the secret store any more; nothing is posted unsigned.",
    "fix": "POST …/rotate-secret."
  },
  "SIGN_IN_LINK_EXPIRED": {
    "cause": "Between the link and the end of the sign-in lay more than ten minutes. Shown on a page, like the next one.",
    "fix": "Authorize again."
  },
  "SIGN_IN_LINK_UNKNOWN": {
    "cause": "The link is unknown, was used before, was replaced by a newer one, or the connection has changed since.",
    "fix": "Authorize again."
  },
  "SIGN_IN_REFUSED": {
    "cause": "Microsoft Entra refuses the sign-in for another reason.",
    "fix": "Look up the AADSTS number in detail."
  },
  "SIGN_IN_UNAVAILABLE": {
    "cause": "Microsoft Entra is not available.",
    "fix": "Try again later."
  },
  "SOURCE_INCOMPLETE": {
    "cause": "Something could not be read to its end.",
    "fix": "Sync again; what was read is kept."
  },
  "SOURCE_NOT_IN_TENANT": {
    "cause": "The tenant does not know Business Central.",
    "fix": "Let an admin sign in to it once, or correct the tenant id."
  },
  "SOURCE_REFUSED": {
    "cause": "The remote system refuses the request.",
    "fix": "Read detail."
  },
  "SOURCE_THROTTLED": {
    "cause": "The remote system's limits for this app or token are used up.",
    "fix": "Try again after Retry-After."
  },
  "SOURCE_TIMEOUT": {
    "cause": "The remote system did not answer in time.",
    "fix": "Try again later; a smaller settings.pageSize may help."
  },
  "SOURCE_UNAVAILABLE": {
    "cause": "The remote system is not available.",
    "fix": "Try again later."
  },
  "SOURCE_UNREADABLE": {
    "cause": "The remote system's answer cannot be read.",
    "fix": "Try again later."
  },
  "STORAGE_REFUSED": {
    "cause": "The storage account refuses the hub.",
    "fix": "Check HubStorage and the identity's roles."
  },
  "STORAGE_UNAVAILABLE": {
    "cause": "The storage account is busy or cannot be reached.",
    "fix": "Try again later."
  },
  "SYNC_ALREADY_RUNNING": {
    "cause": "A sync of the integration is under way; runId names it.",
    "fix": "Wait for it or cancel it."
  },
  "SYNC_ONCE": {
    "cause": "The field is transferred only when the contract is created.",
    "fix": "Change its direction."
  },
  "TABLE_UNGUARDED": {
    "cause": "The table has no optimistic concurrency, so changes of others could be overwritten.",
    "fix": "Sync it one way only, or switch it on."
  },
  "TEMPLATE_WITHOUT_FIELDS": {
    "cause": "The template has no data fields, and the mapping names some.",
    "fix": "Put the template into a template group with data fields, or choose another."
  },
  "TIME_ZONE_NOT_NEEDED": {
    "cause": "The field is no DateTime.",
    "fix": "Leave timeZone out."
  },
  "TOKEN_EXPIRED": {
    "cause": "The token's time is over.",
    "fix": "Get a new token."
  },
  "TOKEN_INVALID": {
    "cause": "Signature, issuer, audience, time or claims of the token are not what the hub asks for.",
    "fix": "Get a token for this hub; compare HUB_AUTH_ISSUER and HUB_AUTH_AUDIENCE."
  },
  "TOKEN_MISSING": {
    "cause": "There is no Authorization: Bearer ….",
    "fix": "Send a token of the platform."
  },
  "TOO_MANY_ENDPOINTS": {
    "cause": "The integration has twenty webhook endpoints.",
    "fix": "Remove one, or let one endpoint hear of more events."
  },
  "TOO_MANY_PRODUCTS": {
    "cause": "The record has more than 150 lines: the first 150 are in the contract.",
    "fix": "Split the record."
  },
  "TRANSACTION_TOO_LARGE": {
    "cause": "The hub wrote too much at once.",
    "fix": "Report it with traceId."
  },
  "TWO_WAY_NOT_AVAILABLE": {
    "cause": "The type, or the table, cannot be written from Oneflow; detail says why.",
    "fix": "Choose another direction."
  },
  "UNEXPECTED_TYPE": {
    "cause": "The source value is of another kind than the field.",
    "fix": "Correct the mapping."
  },
  "UNKNOWN_EVENT": {
    "cause": "There is no such event.",
    "fix": "Use one of the events."
  },
  "UNKNOWN_FIELD": {
    "cause": "The table has no such field, or it holds nothing that a contract could take.",
    "fix": "Use a field of GET …/fields, in small letters."
  },
  "UNKNOWN_LOOKUP": {
    "cause": "via is no lookup of the table, or is missing although the field is of a related one.",
    "fix": "Use a via of GET …/fields?expand=related."
  },
  "UNKNOWN_ONEFLOW_FIELD": {
    "cause": "The template has no such data field.",
    "fix": "Use a customId of GET …/oneflow/templates."
  },
  "UNKNOWN_OPTION": {
    "cause": "An option has no label.",
    "fix": "Give it one."
  },
  "UNKNOWN_TABLE": {
    "cause": "The table is neither this one, nor one that the lookup leads to, nor participant or party.",
    "fix": "Use what GET …/fields?expand=related lists, in small letters."
  },
  "UNKNOWN_TEMPLATE": {
    "cause": "The template is not there, not active, or not shared with the workspace.",
    "fix": "Use an id of GET …/oneflow/templates."
  },
  "UNKNOWN_TIME_ZONE": {
    "cause": "timeZone is no IANA name.",
    "fix": "Write Europe/Stockholm, say."
  },
  "UNKNOWN_WORKSPACE": {
    "cause": "The Oneflow user sees no such workspace.",
    "fix": "Use an id of GET …/oneflow/workspaces."
  },
  "VALUE_NOT_KEPT": {
    "cause": "The other side took the value without complaint and kept another: a data field of the system's own, a column that is computed, a rule that changes it. It is not sent again by itself until it changes.",
    "fix": "Correct the mapping or the value, then push or fetch."
  },
  "VALUE_OUT_OF_RANGE": {
    "cause": "A number is smaller or larger than the column takes.",
    "fix": "Correct the value."
  },
  "VALUE_REFUSED": {
    "cause": "Dataverse does not take the value for the column.",
    "fix": "Correct the value."
  },
  "VALUE_REQUIRED": {
    "cause": "The text is empty, and Dynamics requires a value.",
    "fix": "Fill it in."
  },
  "VALUE_TOO_LONG": {
    "cause": "A text is longer than the column takes.",
    "fix": "Shorten it."
  },
  "VAULT_REFUSED": {
    "cause": "Key Vault refuses the hub.",
    "fix": "Do what detail says: usually give the app's managed identity the role Key Vault Secrets Officer on the vault."
  },
  "VAULT_UNAVAILABLE": {
    "cause": "Key Vault is busy or cannot be reached, or the app's managed identity gets no token.",
    "fix": "Try again later; if it stays, look at the identity and at HUB_KEY_VAULT_URL."
  },
  "WORKFLOW_UNAVAILABLE": {
    "cause": "The run could not be started; an approval or a plan waits as before.",
    "fix": "Try again; look at the durable backend."
  },
  "WORKSPACE_NOT_ALLOWED": {
    "cause": "The Oneflow user may not make contracts in the workspace.",
    "fix": "Choose one with canCreate."
  },
  "WRONG_KIND": {
    "cause": "The route is for integrations of the other kind: business_central, or oneflow.",
    "fix": "Use an integration of the kind that the route is for."
  }
};
