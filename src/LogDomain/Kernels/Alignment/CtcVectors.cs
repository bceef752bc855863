using System.Runtime.CompilerServices;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels.Alignment;

/// <summary>
/// Connectionist temporal classification, forwards and backwards over the states of a target: Graves et al., ICML 2006, equations 6 to 16. Plain products of probabilities, with one exponent for eight places.
/// Gives up where that could lose anything.
/// </summary>
/// <remarks>
/// <para>
/// A target of S tokens has S + 1 blanks around S labels. Blanks and labels are two arrays, so that a step needs its neighbours at distance 1 alone:
/// <c>b'[i] = (b[i] + l[i-1]) p_blank</c> and <c>l'[i] = (l[i] + b[i] + [skip i] l[i-1]) p_i</c>. Places lie in the lanes. What comes from the vector before is multiplied by the ratio of the two powers of two.
/// </para>
/// <para>
/// Every fourth frame all numbers but zeros are from 2^-400 to 2^900, and so is what four frames can bring in from the vector before. Probabilities are from 2^-120 to 2^10: so in between all are from 2^-880 to 2^947, and nothing overflows
/// or is lost. Zeros are the states that cannot be reached yet, which are the last of a vector (the first, backwards), so that what comes in and underflows meets a number beside which it does not show.
/// </para>
/// <para>
/// Memory is O(sqrt(T) S), beyond what is worth keeping as it is (<see cref="FrameBlocks"/>).
/// </para>
/// </remarks>
internal unsafe ref struct CtcVectors<TLanes, T>
    where TLanes : unmanaged, ILanes<TLanes>
    where T : unmanaged
{
    private const int Lanes = 8;

    /// <summary>Frames times places that are kept as a whole: 4 MB of states, beyond which they would come from memory.</summary>
    private const int Small = 1 << 18;

    /// <summary>Frames between two looks at the range, and so the places that a path goes in between.</summary>
    private const int Span = 4;

    /// <summary>Where the largest of eight places is put, and by how much what comes in may be above: below <see cref="High"/>, with as much room as can be below.</summary>
    private const int Top = 850, Above = 40;

    private static readonly double Low = Math.ScaleB(1, -400), High = Math.ScaleB(1, 900), LeastProbability = Math.ScaleB(1, -120), LargestProbability = Math.ScaleB(1, 10);

    private readonly CtcFrames<T> _source;
    private readonly int _frameCount;
    private readonly int _labels;
    private readonly bool _hasGradient;
    private readonly int _width;       // of an array of places: S + 1 in whole vectors, and a vector of zeros on either side
    private readonly int _vectors;     // in whole vectors
    private readonly int _stride;      // of the states of a frame: blanks, labels, exponents of their vectors
    private readonly int _block;       // frames between two that are kept
    private readonly int _row;         // of numbers by class: the count in whole vectors
    private readonly double* _skip;    // 1 where label i may follow label i - 1 without a blank, else 0
    private readonly double* _into;    // what comes from the place before is multiplied by: into a blank, into a label, and a bound for what the next frames bring
    private readonly double* _back;    // the same for the place behind
    private readonly double* _scales;  // of the vectors, in two factors
    private readonly double* _shares;  // of the labels in one frame
    private readonly double* _next;    // what comes from behind
    private readonly double* _kept;    // states of the frames that are kept
    private readonly double* _states;  // states of the frames of a block
    private readonly double* _emitted; // of the frames of a block: probabilities of labels, then by class

    private CtcVectors(CtcFrames<T> source, double* memory, in Sizes sizes)
    {
        _source = source;
        _frameCount = source.Problem.Frames;
        _labels = source.Problem.TargetLength;
        _hasGradient = source.Problem.Gradient != null;
        _width = sizes.Width;
        _vectors = sizes.Vectors;
        _stride = sizes.Stride;
        _block = sizes.Block;
        _row = sizes.Row;
        _skip = memory;
        _into = _skip + _width;
        _back = _into + (3 * _width);
        _scales = _back + (3 * _width);
        _shares = _scales + (2 * _vectors);
        _next = _shares + _width;
        _kept = _next + _stride;
        _states = _kept + (_stride * sizes.Kept);
        _emitted = _states + (_stride * ((nint)_block + 1));
    }

    /// <summary>Whether all is done; the loss also where the gradient is left to be written.</summary>
    public static bool Run(CtcFrames<T> source, out double? loss)
    {
        Sizes sizes = new(source);
        using Scratch<double> scratch = new(sizes.Length + Lanes);
        fixed (double* memory = scratch.Span)
        {
            double* aligned = (double*)(((nint)memory + 63) & ~63);   // vectors that begin with a line of the cache
            return new CtcVectors<TLanes, T>(source, aligned, sizes).Run(out loss);
        }
    }

    private readonly bool Run(out double? loss)
    {
        Prepare();
        loss = null;
        double* last = Forward();
        if (last == null)
        {
            return false;
        }

        int end = Lanes + _labels;
        ScaledNumber total = (State(last, 0, end) + State(last, _width, end - 1)).Normalised();
        double value = 0 - total.Log();
        if (_hasGradient && double.IsFinite(value) && !Backward(total))
        {
            loss = value;
            return false;
        }

        loss = _source.Finish(value);
        return true;
    }

    private readonly ScaledNumber State(double* states, int array, int place) =>
        states[array + place] > 0 ? new ScaledNumber(states[array + place], states[(2 * _width) + (place / Lanes)]).Normalised() : ScaledNumber.Zero;

    private readonly void Prepare()
    {
        new Span<double>(_skip, (int)(_kept - _skip)).Clear();
        int* target = _source.Problem.Target;
        for (int i = 1; i < _labels; i++)
        {
            _skip[Lanes + i] = target[i] == target[i - 1] ? 0 : 1;
        }

        for (double* row = _kept; row < _emitted; row += _stride)
        {
            // The vectors of zeros stay, the others are written.
            ClearEnds(row);
            ClearEnds(row + _width);
        }

        new Span<double>(_kept, _stride).Clear();
        for (int row = 0; row < _block; row++)
        {
            double* emitted = Emitted(row), rest = emitted + Lanes + _labels;
            new Span<double>(rest, (int)(emitted + _width - rest)).Clear();
        }
    }

    private readonly void ClearEnds(double* row)
    {
        new Span<double>(row, Lanes).Clear();
        new Span<double>(row + _width - Lanes, Lanes).Clear();
    }

    private readonly double* Emitted(int row) => _emitted + ((_width + _row) * (nint)row);

    private readonly double* States(int row) => _states + (_stride * (nint)row);

    /// <summary>All frames, of which those at the borders of blocks are kept where there is to be a gradient; gives the last, or null.</summary>
    private readonly double* Forward()
    {
        double* start = _kept;
        start[Lanes] = 1;
        if (!_hasGradient)
        {
            SetRatios(start, isForward: true);
            double* from = start, to = _states;
            for (int t = 0; t < _frameCount; t++)
            {
                if (!Next(from, to, t, Emitted(0)))
                {
                    return null;
                }

                double* swap = from;
                from = to;
                to = swap;
            }

            return from;
        }

        for (int first = 0; first < _frameCount; first += _block)
        {
            int count = Math.Min(_block, _frameCount - first);
            if (!ForwardBlock(start, first, count))
            {
                return null;
            }

            start += _stride;
            new Span<double>(States(count), _stride).CopyTo(new(start, _stride));
        }

        return start;
    }

    /// <summary>Frames of one block, after the states before it.</summary>
    private readonly bool ForwardBlock(double* before, int first, int count)
    {
        new Span<double>(before, _stride).CopyTo(new(_states, _stride));
        SetRatios(before, isForward: true);
        for (int i = 0; i < count; i++)
        {
            if (!Next(States(i), States(i + 1), first + i, Emitted(i)))
            {
                return false;
            }
        }

        return true;
    }

    private readonly bool Next(double* from, double* to, int frame, double* emitted)
    {
        if (!Emit(frame, emitted))
        {
            return false;
        }

        Step(from, to, emitted);
        return frame % Span != 0 || IsInRange(to, _into + (2 * _width), -Span) || Rescale(to, isForward: true);
    }

    /// <summary>The probabilities of a frame: by class, the blank first, and of the labels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly bool Emit(int frame, double* emitted)
    {
        int* index = _source.Index;
        int length = _labels;
        double* probabilities = emitted + _width;
        bool isInRange = _source.Probabilities<TLanes>(frame, probabilities, LeastProbability, LargestProbability);
        emitted += Lanes;
        for (int i = 0; i < length; i++)
        {
            emitted[i] = probabilities[index[i]];
        }

        return isInRange;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Step(double* from, double* to, double* emitted)
    {
        int width = _width;
        double* intoBlank = _into, intoLabel = _into + width;
        TLanes blank = TLanes.Create(emitted[width + _source.Blank]);
        for (int i = Lanes; i < width - Lanes; i += Lanes)
        {
            TLanes b = TLanes.Load(from + i), l = TLanes.Load(from + width + i), before = TLanes.Load(from + width + i - 1);
            (TLanes.FusedMultiplyAdd(before, TLanes.Load(intoBlank + i), b) * blank).Store(to + i);
            (TLanes.FusedMultiplyAdd(before, TLanes.Load(intoLabel + i), l + b) * TLanes.Load(emitted + i)).Store(to + width + i);
        }

        for (int v = 2 * width; v < _stride; v += Lanes)
        {
            TLanes.Load(from + v).Store(to + v);
        }
    }

    /// <summary>Whether all numbers but zeros are from <see cref="Low"/> to <see cref="High"/>, and what comes from the places at the distance is not above.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly bool IsInRange(double* states, double* entering, int distance)
    {
        int width = _width;
        TLanes low = TLanes.Create(Low), zero = TLanes.Create(0), small = zero, largest = zero;
        for (int i = Lanes; i < width - Lanes; i += Lanes)
        {
            double* at = states + i, there = at + distance;
            TLanes b = TLanes.Load(at), l = TLanes.Load(at + width);
            small = TLanes.Or(small, TLanes.Or(TLanes.And(TLanes.Less(zero, b), TLanes.Less(b, low)), TLanes.And(TLanes.Less(zero, l), TLanes.Less(l, low))));
            largest = TLanes.Max(largest, TLanes.Max(TLanes.Max(b, l), TLanes.Max(TLanes.Load(there), TLanes.Load(there + width)) * TLanes.Load(entering + i)));
        }

        return (TLanes.Bits(small) | TLanes.BitsOfLess(TLanes.Create(High), largest)) == 0;
    }

    /// <summary>New exponents. False where the numbers of a vector, or of neighbours, are too far apart.</summary>
    private readonly bool Rescale(double* states, bool isForward)
    {
        double* exponents = states + (2 * _width);
        int step = isForward ? 1 : -1;
        for (int v = isForward ? 1 : (_width / Lanes) - 2, left = (_width / Lanes) - 2; left > 0; v += step, left--)
        {
            double* blanks = states + (v * Lanes), labels = blanks + _width;
            int edge = isForward ? -Span : Lanes;
            double own = Math.Max(Largest(blanks, Lanes), Largest(labels, Lanes)), entering = Math.Max(Largest(blanks + edge, Span), Largest(labels + edge, Span));
            if (!(own < double.PositiveInfinity))
            {
                return false;
            }

            // The vector before has its exponent already; the vectors at the ends are zeros.
            double top = Math.Max(Exponent(own) + exponents[v], Exponent(entering) + exponents[v - step] - Above);
            double exponent = double.IsNegativeInfinity(top) ? exponents[v - step] : top - Top;
            if (!Scale(blanks, exponents[v] - exponent) || !Scale(labels, exponents[v] - exponent))
            {
                return false;
            }

            // A state at the border that has nothing yet has to get all that comes.
            double distance = exponents[v - step] - exponent;
            bool isEnd = left == (_width / Lanes) - 2;
            if (own > 0 && !isEnd && !(Math.Abs(distance) <= 1000 && (distance >= -100 || !isForward || blanks[0] > 0)))
            {
                return false;
            }

            exponents[v] = exponent;
        }

        SetRatios(states, isForward);
        return true;
    }

    private static double Largest(double* values, int count)
    {
        double largest = 0;
        for (int i = 0; i < count; i++)
        {
            largest = Math.Max(largest, values[i]);
        }

        return largest;
    }

    private static double Exponent(double value) => value > 0 ? Math.ILogB(value) : double.NegativeInfinity;

    /// <summary>Eight numbers times 2^by; false where one is too small then.</summary>
    private static bool Scale(double* values, double by)
    {
        bool isGood = true;
        for (int i = 0; i < Lanes; i++)
        {
            double scaled = values[i] > 0 ? Math.ScaleB(values[i], (int)Math.Clamp(by, -3000, 3000)) : 0;
            isGood &= values[i] == 0 || scaled >= Low;
            values[i] = scaled;
        }

        return isGood;
    }

    /// <summary>What stands before or behind a vector, in its own power of two.</summary>
    private readonly void SetRatios(double* states, bool isForward)
    {
        double* exponents = states + (2 * _width), blanks = isForward ? _into : _back, labels = blanks + _width, entering = labels + _width;
        int step = isForward ? 1 : -1, border = isForward ? 0 : Lanes - 1, first = isForward ? 0 : Lanes - Span;
        for (int v = 1; v < (_width / Lanes) - 1; v++)
        {
            double ratio = Math.ScaleB(1, (int)Math.Clamp(exponents[v - step] - exponents[v], -1000, 1000));
            for (int i = v * Lanes; i < (v + 1) * Lanes; i++)
            {
                double factor = i == (v * Lanes) + border ? ratio : 1;
                blanks[i] = factor;
                labels[i] = _skip[isForward ? i : i + 1] * factor;
            }

            new Span<double>(entering + (v * Lanes) + first, Span).Fill(ratio);
        }
    }

    private readonly bool Backward(ScaledNumber total)
    {
        double* behind = _next;
        behind[Lanes + _labels] = 1;
        SetRatios(behind, isForward: false);
        for (int first = (_frameCount - 1) / _block * _block, index = first / _block; first >= 0; first -= _block, index--)
        {
            int count = Math.Min(_block, _frameCount - first);
            if (_block < _frameCount && !ForwardBlock(_kept + (_stride * (nint)index), first, count))
            {
                return false;
            }

            for (int i = count - 1; i >= 0; i--)
            {
                SetScales(States(i + 1), total);
                double share = StepBack(behind, States(i + 1), Emitted(i));
                _source.WriteGradient<TLanes>(first + i, Emitted(i) + _width, _shares + Lanes, share);
                if ((first + i) % Span == 0 && !IsInRange(behind, _back + (2 * _width), Span) && !Rescale(behind, isForward: false))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>What the products of forward and backward states are multiplied by, in two factors: either product of a state and a factor is in range where that of both states is not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void SetScales(double* forward, ScaledNumber total)
    {
        double* there = forward + (2 * _width), behind = _next + (2 * _width), scales = _scales;
        int count = _vectors;
        TLanes factor = TLanes.Create(1 / total.Mantissa), exponent = TLanes.Create(total.Exponent), magic = TLanes.Create(Elementwise.Lanes.Magic), limit = TLanes.Create(1000);
        for (int v = 0; v < count; v += Lanes)
        {
            TLanes distance = exponent - (TLanes.Load(there + v) + TLanes.Load(behind + v));
            TLanes half = TLanes.FusedMultiplyAdd(distance, TLanes.Create(0.5), magic) - magic;
            TLanes.InversePower(TLanes.Max(TLanes.Min(half, limit), -limit)).Store(scales + v);
            (TLanes.InversePower(TLanes.Max(TLanes.Min(distance - half, limit), -limit)) * factor).Store(scales + count + v);
        }
    }

    /// <summary>One frame back, in place: the shares of labels, and their sum over blanks as the result.</summary>
    /// <remarks>A share is at most 1, so that neither factor of a state that counts is above 2^980; beside a zero it may be anything.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly double StepBack(double* behind, double* forward, double* emitted)
    {
        int width = _width;
        double* intoBlank = _back, intoLabel = _back + width, shares = _shares, scale = _scales, rest = _scales + _vectors;
        TLanes blank = TLanes.Create(emitted[width + _source.Blank]), blanks = TLanes.Create(0), limit = TLanes.Create(Math.ScaleB(1, 980));
        for (int i = Lanes; i < width - Lanes; i += Lanes)
        {
            TLanes first = TLanes.Create(scale[i / Lanes]), second = TLanes.Create(rest[i / Lanes]);
            TLanes b = TLanes.Load(behind + i), l = TLanes.Load(behind + width + i), nextBlank = TLanes.Load(behind + i + 1), nextLabel = TLanes.Load(behind + width + i + 1);
            TLanes sum = b + l;
            (sum * blank).Store(behind + i);
            blanks = TLanes.FusedMultiplyAdd(TLanes.Min(TLanes.Load(forward + i) * first, limit), TLanes.Min(sum * second, limit), blanks);
            sum = TLanes.FusedMultiplyAdd(nextLabel, TLanes.Load(intoLabel + i), TLanes.FusedMultiplyAdd(nextBlank, TLanes.Load(intoBlank + i), l));
            (sum * TLanes.Load(emitted + i)).Store(behind + width + i);
            (TLanes.Min(TLanes.Load(forward + width + i) * first, limit) * TLanes.Min(sum * second, limit)).Store(shares + i);
        }

        double* lanes = stackalloc double[Lanes];
        blanks.Store(lanes);
        double share = 0;
        for (int i = 0; i < Lanes; i++)
        {
            share += lanes[i];
        }

        return share;
    }

    /// <summary>How the memory is divided.</summary>
    private readonly struct Sizes
    {
        public Sizes(CtcFrames<T> source)
        {
            Width = (((source.Problem.TargetLength + Lanes) / Lanes) + 2) * Lanes;
            Vectors = Whole(Width / Lanes);
            Stride = (2 * Width) + Vectors;
            Row = source.PaddedCount;
            FrameBlocks blocks = new(source.Problem.Frames, Width, Small, source.Problem.Gradient != null);
            Block = blocks.Length;
            Kept = blocks.Kept;
            Length = (8 * (nint)Width) + (2 * Vectors) + (Stride * ((nint)Kept + Block + 2)) + ((Width + Row) * (nint)Block);
        }

        public int Width { get; }

        public int Vectors { get; }

        public int Stride { get; }

        public int Row { get; }

        public int Block { get; }

        public int Kept { get; }

        public nint Length { get; }

        private static int Whole(int count) => (count + Lanes - 1) / Lanes * Lanes;
    }
}
