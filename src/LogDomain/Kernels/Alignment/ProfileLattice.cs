using System.Runtime.CompilerServices;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels.Alignment;

/// <summary>The parameters of a profile in logarithms: K columns after node 0.</summary>
internal sealed class ProfileParameters
{
    public const int MM = 0, MI = 1, MD = 2, IM = 3, II = 4, DM = 5, DD = 6;

    public required int Nodes { get; init; }

    public required int Symbols { get; init; }

    /// <summary>Over the background; a row of symbols and one of 0 for an unknown one for each node.</summary>
    public required double[] Matches { get; init; }

    public required double[] Inserts { get; init; }

    /// <summary>Seven for each node.</summary>
    public required double[] Transitions { get; init; }

    public bool IsGlobal { get; init; }

    public bool IsLocal { get; init; }

    /// <summary>Into a match of a local path.</summary>
    public double Entry => 2.0 / ((double)Nodes * (Nodes + 1));

    /// <summary>Whether there are insertions after a node: not at the ends unless all of the sequence is the profile's.</summary>
    public bool HasInsert(int node) => IsGlobal || (node > 0 && node < Nodes);
}

/// <summary>Forwards and backwards over the cells of a profile (K + 1 nodes) and a sequence (L + 1 places): Durbin et al., "Biological sequence analysis", section 5.4.</summary>
/// <remarks>Node 0 of the matches is the beginning. Arrays have a row of nodes for each place.</remarks>
internal sealed class ProfileLattice<T>
    where T : struct, IPathNumber<T>
{
    private readonly ProfileParameters _profile;
    private readonly byte[] _sequence;
    private readonly T[] _matchEmissions;
    private readonly T[] _insertEmissions;
    private readonly T[] _transitions;
    private readonly T _entry;
    private readonly int _width;

    public ProfileLattice(ProfileParameters profile, byte[] sequence)
    {
        _profile = profile;
        _sequence = sequence;
        _width = profile.Nodes + 1;
        _matchEmissions = [.. profile.Matches.Select(T.FromLog)];
        _insertEmissions = [.. profile.Inserts.Select(T.FromLog)];
        _transitions = [.. profile.Transitions.Select(T.FromLog)];
        _entry = T.FromLog(Scalar.Log(profile.Entry));
    }

    public T[] Match { get; private set; } = [];

    public T[] Insert { get; private set; } = [];

    public T[] Delete { get; private set; } = [];

    public T Emission(bool isMatch, int node, int place) =>
        (isMatch ? _matchEmissions : _insertEmissions)[(node * (_profile.Symbols + 1)) + _sequence[place - 1]];

    public T Transition(int node, int kind) => _transitions[(node * 7) + kind];

    public bool MayBegin(int place) => !_profile.IsGlobal || place == 0;

    /// <summary>What the end adds to a path at a place.</summary>
    public T End(int kind, int place, int node)
    {
        bool isHere = _profile.IsLocal ? kind == 0 : node == _profile.Nodes && (!_profile.IsGlobal || place == _sequence.Length) && (kind != 1 || _profile.IsGlobal);
        return !isHere || (kind != 1 && node == 0) ? T.Nothing
            : _profile.IsLocal ? T.FromLog(0)
            : Transition(node, kind == 0 ? ProfileParameters.MM : kind == 1 ? ProfileParameters.IM : ProfileParameters.DM);
    }

    /// <summary>All cells if they are to be kept, or two rows; gives the sum over all paths.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public T Forward(bool keepAll)
    {
        int length = _sequence.Length, width = _width, rows = keepAll ? length + 1 : 2;
        T[] match = Match = new T[checked(rows * width)], insert = Insert = new T[rows * width], delete = Delete = new T[rows * width];
        T total = T.Nothing;
        for (int i = 0; i <= length; i++)
        {
            int row = i % rows * width, before = (i + rows - 1) % rows * width;
            match[row] = MayBegin(i) && !_profile.IsLocal ? T.FromLog(0) : T.Nothing;
            T enter = i > 0 && _profile.IsLocal ? _entry : T.Nothing;
            for (int k = 0; k < width; k++)
            {
                T m = match[row], d = T.Nothing, s = T.Nothing;
                if (k > 0)
                {
                    m = i == 0 ? T.Nothing
                        : ((match[before + k - 1] * Transition(k - 1, ProfileParameters.MM)) + (insert[before + k - 1] * Transition(k - 1, ProfileParameters.IM))
                            + (delete[before + k - 1] * Transition(k - 1, ProfileParameters.DM)) + enter) * Emission(true, k, i);
                    m = m.Normalised();
                    d = ((match[row + k - 1] * Transition(k - 1, ProfileParameters.MD)) + (delete[row + k - 1] * Transition(k - 1, ProfileParameters.DD))).Normalised();
                }

                if (i > 0 && _profile.HasInsert(k))
                {
                    s = (((match[before + k] * Transition(k, ProfileParameters.MI)) + (insert[before + k] * Transition(k, ProfileParameters.II))) * Emission(false, k, i)).Normalised();
                }

                match[row + k] = m;
                insert[row + k] = s;
                delete[row + k] = d;
                if (_profile.IsLocal)
                {
                    total += k > 0 ? m : T.Nothing;
                }
            }

            int last = row + width - 1;
            if (!_profile.IsLocal)
            {
                total += (match[last] * End(0, i, width - 1)) + (insert[last] * End(1, i, width - 1)) + (delete[last] * End(2, i, width - 1));
            }
        }

        return total;
    }

    /// <summary>What follows the match of each cell, summed over all paths.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public T[] Backward()
    {
        int length = _sequence.Length, width = _width;
        T[] match = new T[checked((length + 1) * width)], insert = new T[match.Length], delete = new T[match.Length];
        for (int i = length; i >= 0; i--)
        {
            for (int k = width - 1; k >= 0; k--)
            {
                int at = (i * width) + k;
                T m = End(0, i, k), s = End(1, i, k), d = End(2, i, k);
                if (i < length && k < width - 1)
                {
                    T next = Emission(true, k + 1, i + 1) * match[at + width + 1];
                    m += Transition(k, ProfileParameters.MM) * next;
                    s += Transition(k, ProfileParameters.IM) * next;
                    d += Transition(k, ProfileParameters.DM) * next;
                }

                if (i < length && _profile.HasInsert(k))
                {
                    T next = Emission(false, k, i + 1) * insert[at + width];
                    m += Transition(k, ProfileParameters.MI) * next;
                    s += Transition(k, ProfileParameters.II) * next;
                }

                if (k < width - 1)
                {
                    m += Transition(k, ProfileParameters.MD) * delete[at + 1];
                    d += Transition(k, ProfileParameters.DD) * delete[at + 1];
                }

                match[at] = m.Normalised();
                insert[at] = s.Normalised();
                delete[at] = d.Normalised();
            }
        }

        return match;
    }
}
