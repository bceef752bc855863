using System.Runtime.CompilerServices;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels.Alignment;

/// <summary>
/// Connectionist temporal classification with an exponent for each state, forwards and backwards: as <see cref="CtcVectors{TLanes, T}"/>, for numbers that are too far apart for that.
/// </summary>
/// <remarks>
/// <para>
/// Places lie in the lanes, and each state has an exponent of its own (<see cref="ScaledLanes{TLanes}"/>): no path is lost however far it lies below another.
/// </para>
/// <para>
/// Memory is O(sqrt(T) S), beyond what is worth keeping as it is (<see cref="FrameBlocks"/>). The states stay in the cache then, which pays for the second computation.
/// </para>
/// </remarks>
internal unsafe ref struct CtcPlaces<TLanes, T>
    where TLanes : unmanaged, ILanes<TLanes>
    where T : unmanaged
{
    /// <summary>Frames times places that are kept as a whole: 4 MB of states, beyond which they would come from memory.</summary>
    private const int Small = 1 << 17;

    private readonly CtcFrames<T> _source;
    private readonly CtcProblem<T> _problem;
    private readonly int _width;       // of an array of places: S + 1 in whole vectors, and a vector of zeros on either side
    private readonly int _block;       // frames between two that are kept
    private readonly int _row;         // of numbers by class: the count in whole vectors
    private readonly double* _skip;    // mask: whether label i may follow label i - 1 without a blank
    private readonly double* _emitted; // of the frames of a block: mantissas and exponents of labels, then probabilities by class
    private readonly double* _kept;    // states of the frames that are kept
    private readonly double* _frames;  // states of the frames of a block
    private readonly double* _next;    // what comes from behind: two rows, in turn
    private readonly double* _shares;  // of the labels in one frame
    private readonly double* _byClass; // three rows by class: logarithms, mantissas and exponents
    private bool _isBad;

    private CtcPlaces(CtcFrames<T> source, double* memory, int width, FrameBlocks blocks)
    {
        CtcProblem<T> problem = source.Problem;
        _source = source;
        _problem = problem;
        _width = width;
        _block = blocks.Length;
        _row = source.PaddedCount;
        _skip = memory;
        _shares = _skip + width;
        _next = _shares + width;
        _byClass = _next + (8 * width);
        _kept = _byClass + (3 * _row);
        _frames = _kept + (4 * (nint)width * blocks.Kept);
        _emitted = _frames + (4 * (nint)width * (_block + 1));
    }

    /// <summary>The loss; the gradient, if there is to be one, is written as a whole.</summary>
    public static double Run(CtcFrames<T> source)
    {
        CtcProblem<T> problem = source.Problem;
        int width = (((problem.TargetLength + 1 + TLanes.Count - 1) / TLanes.Count) + 2) * TLanes.Count;
        FrameBlocks blocks = new(problem.Frames, width, Small, problem.Gradient != null);
        nint length = (4 * (nint)width * (blocks.Kept + blocks.Length + 1)) + (((2 * width) + source.PaddedCount) * (nint)blocks.Length) + (10 * width) + (3 * source.PaddedCount);
        using Scratch<double> scratch = new(length + 8);
        fixed (double* memory = scratch.Span)
        {
            double* aligned = (double*)(((nint)memory + 63) & ~63);   // vectors that begin with a line of the cache
            return new CtcPlaces<TLanes, T>(source, aligned, width, blocks).Run();
        }
    }

    private double Run()
    {
        PrepareStates();
        double* last = Forward();
        double loss = double.NaN;
        ScaledNumber total = ScaledNumber.Zero;
        if (!_isBad)
        {
            int s = TLanes.Count + _problem.TargetLength;
            total = new ScaledNumber(last[s], last[_width + s]) + new ScaledNumber(last[(2 * _width) + s - 1], last[(3 * _width) + s - 1]);
            loss = 0 - total.Log();
        }

        if (_problem.Gradient != null && double.IsFinite(loss))
        {
            Backward(total);
        }

        return _source.Finish(loss);
    }

    private void PrepareStates()
    {
        new Span<double>(_skip, _width).Clear();
        for (int i = 1; i < _problem.TargetLength; i++)
        {
            _skip[TLanes.Count + i] = _problem.Target[i] == _problem.Target[i - 1] ? 0 : BitConverter.Int64BitsToDouble(-1);
        }

        new Span<double>(_byClass, _row).Fill(double.NegativeInfinity);
        Clear(_next, _width);
        Clear(_next + (4 * _width), _width);
        Clear(_kept, _width);
        for (double* row = _kept + (4 * (nint)_width); row < _emitted; row += 4 * _width)
        {
            // The first and last vectors stay.
            Clear(row, TLanes.Count);
            Clear(row + _width - TLanes.Count, TLanes.Count);
        }

        for (nint row = 0; row < _block; row++)
        {
            Span<double> mantissas = new(Emitted((int)row), _width), exponents = new(Emitted((int)row) + _width, _width);
            mantissas[(TLanes.Count + _problem.TargetLength)..].Fill(1);
            exponents[(TLanes.Count + _problem.TargetLength)..].Fill(double.NegativeInfinity);
        }
    }

    /// <summary>Zeros in some places of a row.</summary>
    private readonly void Clear(double* row, int count)
    {
        for (int part = 0; part < 4; part++)
        {
            new Span<double>(row + (part * _width), count).Fill(part % 2 == 0 ? 1 : double.NegativeInfinity);
        }
    }

    private readonly double* Emitted(int frame) => _emitted + (((2 * _width) + _row) * (nint)frame);

    /// <summary>All frames, of which those at the borders of blocks are kept where there is to be a gradient; gives the last.</summary>
    private double* Forward()
    {
        double* start = _kept;
        start[_width + TLanes.Count] = 0;
        if (_problem.Gradient == null)
        {
            double* from = start, to = _frames;
            for (int t = 0; t < _problem.Frames && !_isBad; t++)
            {
                Emit(t, Emitted(0));
                Step(from, to, Emitted(0));
                Normalise(to, t);
                double* swap = from;
                from = to;
                to = swap;
            }

            return from;
        }

        double* end = start;
        for (int first = 0, index = 0; first < _problem.Frames && !_isBad; first += _block, index++)
        {
            int count = Math.Min(_block, _problem.Frames - first);
            ForwardBlock(_kept + (4 * (nint)_width * index), first, count);
            end = _kept + (4 * (nint)_width * (index + 1));
            new Span<double>(_frames + (4 * (nint)_width * count), 4 * _width).CopyTo(new(end, 4 * _width));
        }

        return end;
    }

    /// <summary>Frames of one block, after the states before it.</summary>
    private void ForwardBlock(double* before, int first, int count)
    {
        new Span<double>(before, 4 * _width).CopyTo(new(_frames, 4 * _width));
        for (int i = 0; i < count && !_isBad; i++)
        {
            Emit(first + i, Emitted(i));
            Step(_frames + (4 * (nint)_width * i), _frames + (4 * (nint)_width * (i + 1)), Emitted(i));
            Normalise(_frames + (4 * (nint)_width * (i + 1)), first + i);
        }
    }

    /// <summary>The probabilities of the blank and of the labels in a frame; those of the blank are before the labels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Emit(int frame, double* emitted)
    {
        int* index = _source.Index;
        int size = _row, count = _source.Count, width = _width, length = _problem.TargetLength;
        double* logarithms = _byClass, mantissas = logarithms + size, exponents = mantissas + size, probabilities = emitted + (2 * width);
        _source.Logarithms(frame, logarithms);
        bool isGood = true;
        for (int c = 0; c < count; c++)
        {
            isGood &= logarithms[c] < double.PositiveInfinity;
        }

        _isBad |= !isGood;
        for (int c = 0; c < size; c += TLanes.Count)
        {
            TLanes mantissa = ScaledLanes<TLanes>.Exp(TLanes.Load(logarithms + c), out TLanes exponent);
            mantissa.Store(mantissas + c);
            exponent.Store(exponents + c);
            ScaledLanes<TLanes>.Over(mantissa, exponent, TLanes.Create(0)).Store(probabilities + c);
        }

        emitted[0] = mantissas[_source.Blank];
        emitted[width] = exponents[_source.Blank];
        emitted += TLanes.Count;
        for (int i = 0; i < length; i++)
        {
            int c = index[i];
            emitted[i] = mantissas[c];
            emitted[width + i] = exponents[c];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Step(double* from, double* to, double* emitted)
    {
        int width = _width;
        double* skip = _skip, mantissas = emitted, exponents = emitted + width;
        TLanes blank = TLanes.Create(mantissas[0]), blankExponent = TLanes.Create(exponents[0]);
        for (int i = TLanes.Count; i < width - TLanes.Count; i += TLanes.Count)
        {
            double* at = from + i, destination = to + i;
            TLanes b = TLanes.Load(at), bExponent = TLanes.Load(at + width), l = TLanes.Load(at + (2 * width)), lExponent = TLanes.Load(at + (3 * width));
            TLanes before = TLanes.Load(at + (2 * width) - 1), beforeExponent = TLanes.Load(at + (3 * width) - 1);

            TLanes exponent = TLanes.Max(bExponent, beforeExponent);
            TLanes sum = TLanes.FusedMultiplyAdd(b, ScaledLanes<TLanes>.Scale(exponent, bExponent), before * ScaledLanes<TLanes>.Scale(exponent, beforeExponent));
            exponent += blankExponent;
            (sum * blank).Store(destination);
            exponent.Store(destination + width);

            beforeExponent = ScaledLanes<TLanes>.Where(TLanes.Load(skip + i), beforeExponent);
            exponent = TLanes.Max(TLanes.Max(bExponent, lExponent), beforeExponent);
            sum = before * ScaledLanes<TLanes>.Scale(exponent, beforeExponent);
            sum = TLanes.FusedMultiplyAdd(b, ScaledLanes<TLanes>.Scale(exponent, bExponent), sum);
            sum = TLanes.FusedMultiplyAdd(l, ScaledLanes<TLanes>.Scale(exponent, lExponent), sum);
            exponent += TLanes.Load(exponents + i);
            (sum * TLanes.Load(mantissas + i)).Store(destination + (2 * width));
            exponent.Store(destination + (3 * width));
        }
    }

    /// <summary>Mantissas brought back to 1: a frame moves them by 2^-0.5 to 2^2.1, and 16 frames by no more than 2^34, beside which the reach of 2^-1000 is the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Normalise(double* states, int frame)
    {
        if (frame % 16 != 0)
        {
            return;
        }

        int width = _width;
        for (int i = 0; i < 2 * width; i += TLanes.Count)
        {
            double* at = states + (i < width ? i : i + width);
            TLanes exponent = TLanes.Load(at + width);
            ScaledLanes<TLanes>.Normalise(TLanes.Load(at), ref exponent).Store(at);
            exponent.Store(at + width);
        }
    }

    private void Backward(ScaledNumber total)
    {
        int end = TLanes.Count + _problem.TargetLength;
        double* from = _next, to = _next + (4 * _width);
        from[_width + end] = 0;
        for (int first = (_problem.Frames - 1) / _block * _block, index = first / _block; first >= 0; first -= _block, index--)
        {
            int count = Math.Min(_block, _problem.Frames - first);
            if (_block < _problem.Frames)
            {
                ForwardBlock(_kept + (4 * (nint)_width * index), first, count);
            }

            for (int i = count - 1; i >= 0; i--)
            {
                double share = StepBack(from, to, _frames + (4 * (nint)_width * (i + 1)), Emitted(i), total);
                Normalise(to, first + i);
                _source.WriteGradient<TLanes>(first + i, Emitted(i) + (2 * _width), _shares + TLanes.Count, share);
                double* swap = from;
                from = to;
                to = swap;
            }
        }
    }

    /// <summary>One frame back: the shares of labels, their sum over blanks as the result, and what goes on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly double StepBack(double* from, double* to, double* forward, double* emitted, ScaledNumber total)
    {
        int width = _width;
        double* skip = _skip, mantissas = emitted, exponents = emitted + width, shares = _shares;
        TLanes blank = TLanes.Create(mantissas[0]), blankExponent = TLanes.Create(exponents[0]);
        TLanes blanks = TLanes.Create(0), totalExponent = TLanes.Create(total.Exponent), factor = TLanes.Create(1 / total.Mantissa);
        for (int i = TLanes.Count; i < width - TLanes.Count; i += TLanes.Count)
        {
            double* at = from + i, destination = to + i, there = forward + i;
            TLanes b = TLanes.Load(at), bExponent = TLanes.Load(at + width), l = TLanes.Load(at + (2 * width)), lExponent = TLanes.Load(at + (3 * width));
            TLanes exponent = TLanes.Max(bExponent, lExponent);
            TLanes sum = TLanes.FusedMultiplyAdd(b, ScaledLanes<TLanes>.Scale(exponent, bExponent), l * ScaledLanes<TLanes>.Scale(exponent, lExponent));
            blanks += ScaledLanes<TLanes>.Over(sum * TLanes.Load(there), exponent + TLanes.Load(there + width), totalExponent);
            exponent += blankExponent;
            (sum * blank).Store(destination);
            exponent.Store(destination + width);

            b = TLanes.Load(at + 1);
            bExponent = TLanes.Load(at + width + 1);
            TLanes next = TLanes.Load(at + (2 * width) + 1), nextExponent = ScaledLanes<TLanes>.Where(TLanes.Load(skip + i + 1), TLanes.Load(at + (3 * width) + 1));
            exponent = TLanes.Max(TLanes.Max(bExponent, lExponent), nextExponent);
            sum = next * ScaledLanes<TLanes>.Scale(exponent, nextExponent);
            sum = TLanes.FusedMultiplyAdd(b, ScaledLanes<TLanes>.Scale(exponent, bExponent), sum);
            sum = TLanes.FusedMultiplyAdd(l, ScaledLanes<TLanes>.Scale(exponent, lExponent), sum);
            TLanes share = ScaledLanes<TLanes>.Over(sum * TLanes.Load(there + (2 * width)), exponent + TLanes.Load(there + (3 * width)), totalExponent);
            (share * factor).Store(shares + i);
            exponent += TLanes.Load(exponents + i);
            (sum * TLanes.Load(mantissas + i)).Store(destination + (2 * width));
            exponent.Store(destination + (3 * width));
        }

        double* lanes = stackalloc double[8];
        (blanks * factor).Store(lanes);
        double blankShare = 0;
        for (int i = 0; i < TLanes.Count; i++)
        {
            blankShare += lanes[i];
        }

        return blankShare;
    }
}
