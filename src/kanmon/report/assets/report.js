// Draws every chart from the specifications in the page. Nothing is loaded from anywhere.
(function () {
  "use strict";
  var specs = JSON.parse(document.getElementById("specs").textContent);
  var atlas = JSON.parse(document.getElementById("atlas").textContent);
  var options = { renderer: "svg", actions: false, tooltip: true, loader: { load: function () { return Promise.reject(new Error("offline")); } } };
  Object.keys(specs).forEach(function (id) {
    var spec = specs[id];
    if (id === "map") spec.datasets = { atlas: atlas };
    var place = document.getElementById("chart-" + id);
    vegaEmbed(place, spec, options).catch(function (error) {
      place.textContent = "This chart could not be drawn: " + error.message;
    });
  });
  // Links to a figure open the list that holds it.
  function reveal() {
    var target = location.hash && document.getElementById(location.hash.slice(1));
    var fold = target && target.closest("details");
    if (fold) { fold.open = true; target.scrollIntoView(); }
  }
  window.addEventListener("hashchange", reveal);
  reveal();
})();
