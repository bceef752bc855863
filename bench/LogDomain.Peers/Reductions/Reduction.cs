using LogDomain.Peers.Peers;

namespace LogDomain.Peers.Reductions;

/// <summary>A reduction of ours on one shape, and whom it is measured against; the seconds of all of them are per <paramref name="Elements"/>.</summary>
internal sealed record Reduction(string Name, string Shape, long Elements, Contestant Ours, params Rival[] Rivals);

/// <summary>
/// Another way to the result, or to a simpler one: we want to be <paramref name="Factor"/> times as fast. It has no contestant where it does not load, and where
/// there is only a time to stay within, <paramref name="Seconds"/>.
/// </summary>
internal sealed record Rival(string Name, Contestant? Contestant, double Factor, double? Seconds = null);
