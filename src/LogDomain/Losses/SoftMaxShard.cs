using System.Buffers.Binary;
using LogDomain.Kernels;
using LogDomain.Kernels.Elementwise;
using LogDomain.Kernels.Tiles;

namespace LogDomain.Losses;

/// <summary>
/// What a part of the classes (or keys) contributes to the softmax of one row: the maximum of its logits, the sum of their <c>e^(x - max)</c> without the target's, the logit of the target, if it
/// is among them, and the sum of the logits by their shares, with label smoothing. 32 bytes, to be sent from one machine to another; the default value is that of no classes.
/// </summary>
/// <remarks>
/// The parts of vocabulary-parallel cross-entropy (Shoeybi et al. 2019, "Megatron-LM", section 3) and of contrastive losses over many machines: each computes
/// <see cref="LinearCrossEntropy.ShardStates"/>, all states of a row are merged, and each computes <see cref="LinearCrossEntropy.ShardGradient"/>.
/// </remarks>
public readonly struct SoftMaxShard : IEquatable<SoftMaxShard>
{
    /// <summary>Bytes of a written state.</summary>
    public const int ByteCount = 32;

    private readonly float _max, _target, _rawTarget;
    private readonly double _sum, _shares;

    // The default is a state of nothing, whose maximum is -infinity and not 0.
    private readonly bool _hasOthers, _hasTarget;

    internal SoftMaxShard(float max, double sum, double shares, bool hasOthers, bool hasTarget, float target, float rawTarget)
    {
        (_max, _sum, _hasOthers) = hasOthers ? (max, sum, true) : default;
        _shares = shares;
        (_hasTarget, _target, _rawTarget) = hasTarget ? (true, target, rawTarget) : default;
    }

    /// <summary>The largest logit without the target's; -infinity if there is none.</summary>
    public float Max => _hasOthers ? _max : float.NegativeInfinity;

    /// <summary>The sum of <c>e^(x - max)</c> without the target's.</summary>
    public double Sum => _sum;

    /// <summary>The sum of <c>q x</c>, the target's too, over the shares q that label smoothing gives to every class; 0 without.</summary>
    public double Shares => _shares;

    /// <summary>Whether the target is among the classes.</summary>
    public bool HasTarget => _hasTarget;

    /// <summary>The logit of the target; NaN if it is not among the classes.</summary>
    public float TargetLogit => _hasTarget ? _target : float.NaN;

    /// <summary>The cross-entropy, <c>log(1 + e^(lse of others - x_target))</c>; NaN while no part has had the target.</summary>
    public double Loss => Scalar.Of<Softplus, double>(OthersLogSumExp - TargetLogit);

    /// <summary>log-sum-exp of all classes, the target too if it is among them.</summary>
    public double LogSumExp => !_hasTarget ? OthersLogSumExp : Scalar.OfDouble<LogAddExp, double>(OthersLogSumExp, _target);

    internal float RawTargetLogit => _rawTarget;

    internal SoftMaxSums Sums => new(Max, Sum, 0, _shares);

    private double OthersLogSumExp => _sum > 0 ? _max + Scalar.Log(_sum) : _sum == 0 ? double.NegativeInfinity : double.NaN;

    /// <summary>Whether two states are the same, bit for bit but for the sign of zeros.</summary>
    public static bool operator ==(SoftMaxShard left, SoftMaxShard right) => left.Equals(right);

    /// <summary>Whether two states differ.</summary>
    public static bool operator !=(SoftMaxShard left, SoftMaxShard right) => !left.Equals(right);

    /// <summary>The state of the classes of both parts. In any order the maximum and the target are the same, and the sums but for roundings of double.</summary>
    /// <param name="left">A state.</param>
    /// <param name="right">One of other classes of the same row. If both have a target, that of <paramref name="left"/> stays.</param>
    /// <returns>The state of all.</returns>
    public static SoftMaxShard Merge(in SoftMaxShard left, in SoftMaxShard right)
    {
        ref readonly SoftMaxShard target = ref left._hasTarget ? ref left : ref right;
        float max = MathF.Max(left.Max, right.Max);
        return new(max, left.SumAt(max) + right.SumAt(max), left._shares + right._shares, left._hasOthers || right._hasOthers, target._hasTarget, target._target, target._rawTarget);
    }

    /// <summary>Reads a state.</summary>
    /// <param name="source">At least <see cref="ByteCount"/> bytes.</param>
    /// <returns>What <see cref="WriteTo"/> has written.</returns>
    /// <exception cref="ArgumentException"><paramref name="source"/> is too short, or no state.</exception>
    public static SoftMaxShard Read(ReadOnlySpan<byte> source)
    {
        LossArguments.CheckLength(source.Length, ByteCount, nameof(source));
        int flags = BinaryPrimitives.ReadInt32LittleEndian(source[12..]);
        double sum = BinaryPrimitives.ReadDoubleLittleEndian(source[16..]);
        if (flags is < 0 or > 3)
        {
            throw new ArgumentException($"Flags are {flags}, but 0 to 3 was expected.", nameof(source));
        }

        if (sum < 0)
        {
            throw new ArgumentException($"Sum is {sum}, but at least 0 was expected.", nameof(source));
        }

        return new(
            BinaryPrimitives.ReadSingleLittleEndian(source),
            sum,
            BinaryPrimitives.ReadDoubleLittleEndian(source[24..]),
            (flags & 1) != 0,
            (flags & 2) != 0,
            BinaryPrimitives.ReadSingleLittleEndian(source[4..]),
            BinaryPrimitives.ReadSingleLittleEndian(source[8..]));
    }

    /// <summary>Writes the state, little endian: maximum, logit of the target, the same before softcap and temperature, what there is of them, sum, shares.</summary>
    /// <param name="destination">Receives <see cref="ByteCount"/> bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    public void WriteTo(Span<byte> destination)
    {
        LossArguments.CheckLength(destination.Length, ByteCount, nameof(destination));
        BinaryPrimitives.WriteSingleLittleEndian(destination, _max);
        BinaryPrimitives.WriteSingleLittleEndian(destination[4..], _target);
        BinaryPrimitives.WriteSingleLittleEndian(destination[8..], _rawTarget);
        BinaryPrimitives.WriteInt32LittleEndian(destination[12..], (_hasOthers ? 1 : 0) + (_hasTarget ? 2 : 0));
        BinaryPrimitives.WriteDoubleLittleEndian(destination[16..], _sum);
        BinaryPrimitives.WriteDoubleLittleEndian(destination[24..], _shares);
    }

    /// <inheritdoc/>
    public bool Equals(SoftMaxShard other) =>
        (_max, _sum, _shares, _hasOthers, _hasTarget, _target, _rawTarget).Equals((other._max, other._sum, other._shares, other._hasOthers, other._hasTarget, other._target, other._rawTarget));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SoftMaxShard other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_max, _sum, _hasTarget, _target);

    private double SumAt(float max) => _sum == 0 ? 0 : float.IsNegativeInfinity(_max) ? _sum : _sum * ScalarFunctions.Exp((double)_max - max);
}
