/*
 * Shows the Oneflow widget of Dynamics Sync Hub in a page of Dynamics, and signs the user in there.
 * Upload it as a web resource (JScript); the guide is docs/widget.md.
 *
 *   HubWidget.mount({ element, hub, integration, entity, id, token, changed })   makes the frame
 *   HubWidget.attach(frame, { hub, token, changed })                             for an IFRAME of the form
 *
 * hub      address of the hub, such as https://hub.contoso.com
 * token    function that returns a token for the hub, or a promise of one; it gets true when the last one was refused. It is called once at a
 *          time; when it throws, the widget says so and offers to try again
 * changed  function that is called after a create, push, fetch or decision, such as to refresh the form (may be left out)
 */
(() => {
  const LOWEST = 420;

  function attach(frame, { hub, token, changed }) {
    const origin = new URL(hub).origin;
    let asking = null;
    const say = (word) => frame.contentWindow?.postMessage(word, origin);
    async function ask(refused) {
      try {
        const fresh = await token(refused);
        if (fresh) say({ type: "hub.token", token: fresh });
      } catch (error) {
        console.error(error);
        say({ type: "hub.token-failed" });
      }
    }
    function answer(refused) {
      asking ??= ask(refused).finally(() => {
        asking = null;
      });
    }
    function hear(event) {
      if (event.origin !== origin || event.source !== frame.contentWindow || !event.data) return;
      if (event.data.type === "hub.ready") answer(false);
      if (event.data.type === "hub.token-expired") answer(true);
      if (event.data.type === "hub.changed" && changed) changed();
      if (event.data.type === "hub.height") frame.style.height = `${Math.max(LOWEST, Number(event.data.height) || 0)}px`;
    }
    window.addEventListener("message", hear);
    return () => window.removeEventListener("message", hear);
  }

  function mount({ element, hub, integration, entity, id, token, changed }) {
    const frame = document.createElement("iframe");
    frame.title = "Oneflow";
    frame.style.cssText = `width:100%;height:${LOWEST}px;border:0`;
    const end = attach(frame, { hub, token, changed });
    frame.src = `${new URL(hub).origin}/widget?${new URLSearchParams({ integration, entity, id })}`;
    element.append(frame);
    return () => {
      end();
      frame.remove();
    };
  }

  window.HubWidget = { attach, mount };
})();
