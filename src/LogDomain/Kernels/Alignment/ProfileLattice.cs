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
internal sealed class ProfileLattice
{
    private static readonly ScaledNumber One = new(1, 0);

    private readonly ProfileParameters _profile;
    private readonly byte[] _sequence;
    private readonly ScaledNumber[] _matchEmissions;
    private readonly ScaledNumber[] _insertEmissions;
    private readonly ScaledNumber[] _transitions;
    private readonly ScaledNumber _entry;
    private readonly int _width;

    public ProfileLattice(ProfileParameters profile, byte[] sequence)
    {
        _profile = profile;
        _sequence = sequence;
        _width = profile.Nodes + 1;
        _matchEmissions = [.. profile.Matches.Select(PairLattice.Exp)];
        _insertEmissions = [.. profile.Inserts.Select(PairLattice.Exp)];
        _transitions = [.. profile.Transitions.Select(PairLattice.Exp)];
        _entry = PairLattice.Exp(Scalar.Log(profile.Entry));
    }

    private ScaledNumber[] Match { get; set; } = [];

    private ScaledNumber[] Insert { get; set; } = [];

    private ScaledNumber[] Delete { get; set; } = [];

    private ScaledNumber Emission(bool isMatch, int node, int place) =>
        (isMatch ? _matchEmissions : _insertEmissions)[(node * (_profile.Symbols + 1)) + _sequence[place - 1]];

    private ScaledNumber Transition(int node, int kind) => _transitions[(node * 7) + kind];

    private bool MayBegin(int place) => !_profile.IsGlobal || place == 0;

    /// <summary>What the end adds to a path at a place.</summary>
    private ScaledNumber End(int kind, int place, int node)
    {
        bool isHere = _profile.IsLocal ? kind == 0 : node == _profile.Nodes && (!_profile.IsGlobal || place == _sequence.Length) && (kind != 1 || _profile.IsGlobal);
        return !isHere || (kind != 1 && node == 0) ? ScaledNumber.Zero
            : _profile.IsLocal ? One
            : Transition(node, kind == 0 ? ProfileParameters.MM : kind == 1 ? ProfileParameters.IM : ProfileParameters.DM);
    }

    /// <summary>All cells if they are to be kept, or two rows; gives the sum over all paths.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public ScaledNumber Forward(bool keepAll)
    {
        int length = _sequence.Length, width = _width, rows = keepAll ? length + 1 : 2;
        ScaledNumber[] match = Match = new ScaledNumber[checked(rows * width)], insert = Insert = new ScaledNumber[rows * width], delete = Delete = new ScaledNumber[rows * width];
        ScaledNumber total = ScaledNumber.Zero;
        for (int i = 0; i <= length; i++)
        {
            int row = i % rows * width, before = (i + rows - 1) % rows * width;
            match[row] = MayBegin(i) && !_profile.IsLocal ? One : ScaledNumber.Zero;
            ScaledNumber enter = i > 0 && _profile.IsLocal ? _entry : ScaledNumber.Zero;
            for (int k = 0; k < width; k++)
            {
                ScaledNumber m = match[row], d = ScaledNumber.Zero, s = ScaledNumber.Zero;
                if (k > 0)
                {
                    m = i == 0 ? ScaledNumber.Zero
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
                    total += k > 0 ? m : ScaledNumber.Zero;
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

    /// <summary>The sum over all paths, and the probability that a symbol is in the match of a column: a row of columns for each symbol.</summary>
    public ScaledNumber Posterior(double[] matches)
    {
        ScaledNumber total = Forward(keepAll: true);
        ScaledNumber[] after = Backward();
        for (int i = 1; i <= _sequence.Length; i++)
        {
            for (int k = 1; k < _width; k++)
            {
                int at = (i * _width) + k;
                matches[((i - 1) * _profile.Nodes) + k - 1] = (Match[at] * after[at] / total).Value;
            }
        }

        return total;
    }

    /// <summary>What follows the match of each cell, summed over all paths.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ScaledNumber[] Backward()
    {
        int length = _sequence.Length, width = _width;
        ScaledNumber[] match = new ScaledNumber[checked((length + 1) * width)], insert = new ScaledNumber[match.Length], delete = new ScaledNumber[match.Length];
        for (int i = length; i >= 0; i--)
        {
            for (int k = width - 1; k >= 0; k--)
            {
                int at = (i * width) + k;
                ScaledNumber m = End(0, i, k), s = End(1, i, k), d = End(2, i, k);
                if (i < length && k < width - 1)
                {
                    ScaledNumber next = Emission(true, k + 1, i + 1) * match[at + width + 1];
                    m += Transition(k, ProfileParameters.MM) * next;
                    s += Transition(k, ProfileParameters.IM) * next;
                    d += Transition(k, ProfileParameters.DM) * next;
                }

                if (i < length && _profile.HasInsert(k))
                {
                    ScaledNumber next = Emission(false, k, i + 1) * insert[at + width];
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
